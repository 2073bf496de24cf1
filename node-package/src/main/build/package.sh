#!/bin/sh
# Makes the package of the agent: package.sh IMAGE RUNTIME LIBRARIES DIST DATE; the archive is IMAGE.tar.gz.
#
# IMAGE: the directory to make; its name is the archive's top directory. RUNTIME: what jlink made. LIBRARIES: the agent's
# jars. DIST: launcher, options, samples. DATE: of all files, so that the archive of loaded classes, which checks them, and
# the package stay the same from build to build.
set -eu
image=$1
runtime=$2
libraries=$3
dist=$4
date=$5

rm -rf "$image" "$image.tar.gz"
mkdir -p "$image"
cp -R "$dist/." "$image/"
cp -R "$runtime" "$image/runtime"
cp "$libraries"/*.jar "$image/lib/"
chmod 755 "$image/bin/skywire-node"
(cd "$image/lib" && LC_ALL=C ls -1 *.jar >class-path)
find "$image" -exec touch -d "$date" {} +

# A node runs once and links with a neighbour: what it loads is kept as the JVM wants it (JEP 483), so that the next one
# need not read and check it again. Without the archive everything works, later.
training=$image.training
rm -rf "$training"
mkdir -p "$training"
trap 'rm -rf "$training"' EXIT
"$image/bin/skywire-node" keygen "$training/neighbour.key" >"$training/neighbour.public" 2>"$training/log"
"$image/bin/skywire-node" keygen "$training/node.key" >"$training/node.public" 2>>"$training/log"
peer=$(grep -oE '0[23][0-9a-f]{64}' "$training/neighbour.public" | head -n 1)
common="control_planes: [{address: '127.0.0.1:1', tls: off}]
service_keys: [$peer]
setup_keys: [$peer]
event_loops: 1"
printf 'key_file: neighbour.key\nstate_dir: neighbour\nlisten: 127.0.0.1:0\n%s\n' "$common" >"$training/neighbour.yaml"
sleep 60 | "$image/bin/skywire-node" run --end-with-parent --config "$training/neighbour.yaml" \
    >"$training/neighbour.out" 2>&1 &
waited=0
until grep -q '^ready ' "$training/neighbour.out" 2>/dev/null; do
    waited=$((waited + 1))
    [ "$waited" -le 300 ] || { cat "$training/neighbour.out" >&2; exit 1; }
    sleep 0.1
done
port=$(sed -n 's/^ready .* listen=[^ ]*:\([0-9]*\) .*/\1/p' "$training/neighbour.out")
printf 'key_file: node.key\nstate_dir: node\nlisten: 127.0.0.1:0\nsocks: 127.0.0.1:0\nhttp_connect: 127.0.0.1:0\nmetrics: 127.0.0.1:0\n%s\ntransports: [{peer: %s, address: "127.0.0.1:%s"}]\n' \
    "$common" "$peer" "$port" >"$training/node.yaml"
sleep 5 | SKYWIRE_JAVA_OPTIONS="-XX:AOTCacheOutput=$image/lib/skywire-node.aot" \
    "$image/bin/skywire-node" run --end-with-parent --config "$training/node.yaml" >>"$training/log" 2>&1 || true
if ! [ -s "$image/lib/skywire-node.aot" ]; then
    cat "$training/log" >&2
    echo "package: the training run left no archive of classes" >&2
    exit 1
fi
find "$image" -exec touch -d "$date" {} +

tar -C "$(dirname "$image")" --sort=name --owner=0 --group=0 --numeric-owner -cf - "$(basename "$image")" |
    gzip -9n >"$image.tar.gz"
