# The image of the server: one static program, and mcpctl beside it, on a base that has neither shell nor package
# manager. deploy/container/README.md says how it is built and run; deploy/container/prove tries it.

# Both bases are arguments: whoever must build the same image twice, or from a mirror, gives a digest or another name.
# The defaults are tags on purpose. They move with the security fixes of their base, so that a rebuild has them; a digest
# stands still until somebody moves it, and nobody does that here.
ARG GO_IMAGE=golang:1.26-trixie
ARG BASE_IMAGE=gcr.io/distroless/static-debian13:nonroot

# Go compiles for every platform on the one that builds, without emulation.
FROM --platform=${BUILDPLATFORM} ${GO_IMAGE} AS build
WORKDIR /src
# A layer of their own: the modules change less often than the sources.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
# What .dockerignore lets in is no checkout, so the toolchain cannot stamp the version.
ARG VERSION=devel
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X mcp-resource-server/internal/buildinfo.version=${VERSION}" \
    -o /out/ ./cmd/mcp-server ./cmd/mcpctl

FROM ${BASE_IMAGE}
ARG VERSION=devel
LABEL org.opencontainers.image.title="mcp-resource-server" \
      org.opencontainers.image.description="An MCP server behind OAuth 2.1 access tokens" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
COPY LICENSE NOTICE /licenses/
COPY --from=build /out/mcp-server /out/mcpctl /
# The server reads a config.yaml in its working directory. Here is none unless it is mounted, and nobody but root could
# put one here.
WORKDIR /
# A number, because Kubernetes cannot tell of a name whether it is root (runAsNonRoot).
USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
# It reads the same environment and config.yaml as serve, but not serve's flags.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/mcp-server", "healthcheck"]
ENTRYPOINT ["/mcp-server"]
CMD ["serve"]
