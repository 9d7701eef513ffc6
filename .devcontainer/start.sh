#!/bin/sh
# The shop with Prometheus (8270), and Grafana (3000) with the boards of the tree. Ctrl-C ends the shop; Grafana stays.
set -eu
cd "$(dirname "$0")/.."

# Debian starts one of its own, which has nothing to watch.
sudo service prometheus stop >/dev/null 2>&1 || true
image=$(awk '$2 == "name:" && $3 == "grafana" { found = 1 } found && $1 == "newName:" { name = $2 } found && $1 == "newTag:" { tag = $2 }
  found && $1 == "digest:" { print name ":" tag "@" $2; exit }' knative/base/kustomization.yaml)
docker rm --force shop-grafana >/dev/null 2>&1 || true
docker run --detach --name shop-grafana --network host \
  --env PROMETHEUS_URL=http://127.0.0.1:8270 \
  --env GF_AUTH_ANONYMOUS_ENABLED=true --env GF_AUTH_ANONYMOUS_ORG_ROLE=Viewer \
  --env GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH=/etc/grafana/dashboards/shop-overview.json \
  --volume "$PWD/knative/observability/grafana/provisioning:/etc/grafana/provisioning:ro" \
  --volume "$PWD/knative/observability/grafana/dashboards:/etc/grafana/dashboards:ro" \
  "$image"
exec npm start -- --observe
