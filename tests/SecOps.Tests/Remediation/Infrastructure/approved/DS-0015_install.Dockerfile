FROM rockylinux:9
RUN yum -y install httpd && \
    systemctl enable httpd && yum clean all
CMD ["httpd"]
