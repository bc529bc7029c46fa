FROM debian:12
RUN apt-get update \
 # what the tool needs
 && apt-get -y install --no-install-recommends curl \
    ca-certificates && rm -rf /var/lib/apt/lists/*
