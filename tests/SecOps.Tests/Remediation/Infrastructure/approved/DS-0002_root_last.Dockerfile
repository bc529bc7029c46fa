FROM debian:12
RUN useradd app
USER 10001:10001
CMD ["/bin/true"]
