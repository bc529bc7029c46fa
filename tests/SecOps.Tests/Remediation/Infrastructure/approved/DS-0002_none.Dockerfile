FROM python:3.12-slim AS build
USER nobody
RUN pip wheel .

# the real one
FROM python:3.12-slim
COPY --from=build /wheels /wheels
USER 10001:10001
ENTRYPOINT ["python3", "-m", "shop"]
CMD ["--port", "8080"]
