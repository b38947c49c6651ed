#!/usr/bin/env bash
# Prints the rules of a directory as PrometheusRule objects, one for each file. The rules are kept in
# dashboards/prometheus/rules and nowhere else: base/prometheus_rules.yaml is this script's output, and a test compares.
#
#   deploy/kubernetes/rules.sh >deploy/kubernetes/base/prometheus_rules.yaml
#   deploy/kubernetes/rules.sh DIRECTORY       other rules, as dashboards/prometheus/with-links.sh writes them
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../../dashboards/prometheus/rules}"
printf '# Written by deploy/kubernetes/rules.sh from dashboards/prometheus/rules; change the rules there.\n'
for file in *.yml; do
  name=$(basename "$file" .yml)
  name=${name#mxhealth[-_]}
  cat <<YAML
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: mxhealth-${name//_/-}
  labels: {app.kubernetes.io/name: mxhealth-exporter}
spec:
YAML
  sed '/^---$/d; s/^/  /; s/^ *$//' "$file"
done
