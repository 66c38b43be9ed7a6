# A small image without a compiler and without root:
#   docker build -t faxappeal .
#   docker run --rm -it -v "$PWD:/campaign" -v faxappeal-data:/data faxappeal check
# The ledger lies in /data: without that volume it would be forgotten what was sent.
FROM python:3.12-slim AS build
COPY . /source
RUN python -m venv /opt/faxappeal \
    && /opt/faxappeal/bin/pip install --no-cache-dir /source

FROM python:3.12-slim
COPY --from=build /opt/faxappeal /opt/faxappeal
RUN useradd --uid 1000 --create-home faxappeal \
    && install -d -m 0700 -o faxappeal -g faxappeal /data \
    && install -d -o faxappeal -g faxappeal /campaign
USER faxappeal
ENV XDG_DATA_HOME=/data PYTHONDONTWRITEBYTECODE=1 PATH=/opt/faxappeal/bin:$PATH
WORKDIR /campaign
VOLUME /data
ENTRYPOINT ["faxappeal"]
CMD ["--help"]
