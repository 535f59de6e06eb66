#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The templates of docs/ci.md are YAML, name options and files that there are, and a mistake in them is seen.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! /usr/bin/python3 -c 'import yaml' 2>/dev/null; then
  echo "skipped: there is no YAML parser; it is Debian's package 'python3-yaml'"
  exit 0
fi

# look FILE: 0 where it is YAML with a job that runs `systole regress` and keeps JUnit and page.
look() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import sys, yaml
try:
    with open(sys.argv[1]) as file:
        template = yaml.safe_load(file)
except yaml.YAMLError as error:
    sys.exit(f"{sys.argv[1]}: {error}")
text = str(template)
for word in ("script/bootstrap", "cmake --build --preset release", "build/systole regress", "--time", "junit.xml", "regress.html"):
    if word not in text:
        sys.exit(f"{sys.argv[1]}: nothing has '{word}'")
def strings(node):
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from [value] if isinstance(value, str) else strings(value)
jobs = template.get("jobs", template)
if not any("systole regress" in line for line in strings(jobs["regress"])):
    sys.exit(f"{sys.argv[1]}: the job does not run it")
PYTHON
}

for template in docs/ci/gitlab-ci.yml docs/ci/github-actions.yml; do
  look "$template"
  plan=$(sed -n 's/^  PLAN: //p' "$template")
  [ -f "$plan" ] || { echo "$template: no plan $plan"; exit 1; }
  # Each of these is seen.
  sed 's/^\( *\)- script\/bootstrap/\1 - script\/bootstrap: [/; s/run: script\/bootstrap/run: [/' "$template" >"$work/broken.yml"
  sed 's/junit\.xml/results.xml/' "$template" >"$work/no-junit.yml"
  sed 's/systole regress/systole run/' "$template" >"$work/no-regress.yml"
  for spoilt in broken no-junit no-regress; do
    ! cmp -s "$template" "$work/$spoilt.yml" || { echo "$template: $spoilt changes nothing"; exit 1; }
    if look "$work/$spoilt.yml" 2>/dev/null; then
      echo "$template: $spoilt is not seen"
      exit 1
    fi
  done
done
