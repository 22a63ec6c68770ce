FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# nodynamic: without it the decoder of HEIC makes the binary a dynamic one, which does not start from scratch.
RUN CGO_ENABLED=0 go build -tags nodynamic -trimpath -buildvcs=false -ldflags='-s -w' -o /out/kortportal ./cmd/kortportal
# The folder for the keys: a named volume takes over its owner and mode.
RUN mkdir -p -m 0700 /out/keys && mkdir -p -m 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/kortportal /kortportal
COPY --from=build --chown=65532:65532 /out/keys /var/lib/kortportal
COPY --from=build /out/tmp /tmp
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/kortportal", "health"]
ENTRYPOINT ["/kortportal"]
CMD ["serve"]
