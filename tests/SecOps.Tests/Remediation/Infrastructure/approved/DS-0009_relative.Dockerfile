FROM debian:12
WORKDIR /srv
COPY . .
WORKDIR /srv/app/web
