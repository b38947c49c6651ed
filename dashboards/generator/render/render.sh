#!/usr/bin/env bash
# Pictures of the dashboards, drawn with Grafana's own components in Chromium from what a Prometheus holds. Run by hand.
#
#   dashboards/generator/render/render.sh PROMETHEUS_URL [DOMAIN [MINUTES [DIRECTORY]]]
#
# DOMAIN is the one of the domain's dashboard, MINUTES how far back the pictures look (30); they are written to
# dashboards/pictures, and made small where pngquant is there. Needs node 20.19 or later and chromium
# (deploy/packages.sh pictures); the first run installs some 700 MB of node modules beside this file.
# State timelines and heatmaps are drawn by src/bands.tsx, since Grafana has them in its server only.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
port=${MXHEALTH_RENDER_PORT:-25588}
export PROMETHEUS_URL=${1:?which Prometheus? such as http://127.0.0.1:9090}
domain=${2:-.+}
minutes=${3:-30}
directory=$(realpath -m "${4:-$here/../../pictures}")

cd "$here"
mkdir -p "$directory" build
[ -d node_modules ] || npm ci
node node_modules/vite/bin/vite.js build --logLevel warn
node node_modules/vite/bin/vite.js preview --port "$port" --strictPort >build/server.log 2>&1 </dev/null &
server=$!
trap 'kill $server' EXIT
until curl -fs "http://127.0.0.1:$port/" >/dev/null; do
  kill -0 $server 2>/dev/null || { cat build/server.log >&2; exit 1; }
  sleep 0.2
done
node shoot.js "http://127.0.0.1:$port/" "$directory" "$domain" "$minutes"
! command -v pngquant >/dev/null || pngquant --force --ext .png 64 "$directory"/*.png
