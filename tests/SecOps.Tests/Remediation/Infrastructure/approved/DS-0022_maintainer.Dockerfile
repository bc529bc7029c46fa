FROM debian:12
LABEL maintainer="The \"Shop\" Team <shop@example.com>"
