# The control plane's image. Context: a checkout after `mvn package`.
#
#   mvn -B -DskipTests package
#   docker build -f deployment/images/control-plane.Dockerfile -t skywire-control-plane:0.1.0-SNAPSHOT .
#
# REGISTRY is where base images come from, with a slash at its end: a mirror, or nothing for the engine's own. Bases are
# pinned by version; pin them by digest once your mirror has told you theirs: --build-arg JRE=eclipse-temurin@sha256:…
ARG REGISTRY=""
ARG JRE=eclipse-temurin:25.0.3_9-jre-noble

FROM ${REGISTRY}${JRE} AS jars
# Two layers: what changes with a dependency, and what changes with every commit.
COPY control-plane/target/lib/ /layers/lib/
COPY control-plane/target/control-plane-*.jar /layers/app/
RUN mv /layers/lib/shared-proto-*.jar /layers/app/ && chmod -R a=rX /layers

FROM ${REGISTRY}${JRE}
LABEL org.opencontainers.image.title="Skywire control plane" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=jars /layers/lib/ /app/lib/
COPY --from=jars /layers/app/ /app/
# Nobody's account: the number is enough, and Kubernetes sees that it is not root's. Writes to /tmp only.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8181 8182 9191
# Options of the JVM come in JDK_JAVA_OPTIONS.
ENTRYPOINT ["java", "-cp", "/app/*:/app/lib/*", "io.skywire.control.ControlPlaneApplication"]
