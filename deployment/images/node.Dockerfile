# The node's image: agent, messaging server (`relay`) and gateway are commands of it. Context: a checkout after
# `mvn package`.
#
#   mvn -B -DskipTests package
#   docker build -f deployment/images/node.Dockerfile -t skywire-node:0.1.0-SNAPSHOT .
#
# REGISTRY is where base images come from, with a slash at its end: a mirror, or nothing for the engine's own. Bases are
# pinned by version; pin them by digest once your mirror has told you theirs: --build-arg JDK=eclipse-temurin@sha256:…
ARG REGISTRY=""
ARG JDK=eclipse-temurin:25.0.3_9-jdk-noble
ARG BASE=debian:12.11-slim

FROM ${REGISTRY}${JDK} AS runtime
# The modules that the node uses, and no more: 49 MB instead of 200.
RUN jlink --strip-debug --no-header-files --no-man-pages --compress zip-6 --output /runtime \
      --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.crypto.ec,jdk.jfr,jdk.management,jdk.unsupported
COPY data-plane-node/target/lib/ /layers/lib/
COPY data-plane-node/target/data-plane-node-*.jar /layers/app/
RUN mv /layers/lib/shared-proto-*.jar /layers/app/ && chmod -R a=rX /layers /runtime

# The runtime needs glibc and nothing else of the system: any base with glibc 2.17 or newer does.
FROM ${REGISTRY}${BASE}
LABEL org.opencontainers.image.title="Skywire node" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=runtime /runtime/ /opt/java/
COPY --from=runtime /layers/lib/ /app/lib/
COPY --from=runtime /layers/app/ /app/
ENV PATH="/opt/java/bin:${PATH}"
USER 10001:10001
WORKDIR /tmp
EXPOSE 7777 7780 9464 9465
# Options of the JVM come in JDK_JAVA_OPTIONS.
ENTRYPOINT ["java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp", "/app/*:/app/lib/*", "io.skywire.node.cli.NodeMain"]
