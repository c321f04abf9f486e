#!/usr/bin/env bash
# Runs what the pages show, as they show it but for the port: README's five minutes with the command
# line, and the first steps of docs/sqs.md in shell, Python and JavaScript.
#
# Needs MILLSTREAM_ENDPOINT, E2E_SERVER and E2E_FOLDER (see e2e/run). JavaScript is left out if
# E2E_JS, the folder of its SDK, is not set. InProcessTourTest runs the programs in Java.
set -euo pipefail
home=$(cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/../.." && pwd)
port=${MILLSTREAM_ENDPOINT##*:}
export AWS_PAGER='' AWS_CONFIG_FILE=/dev/null E2E_AWS_PORT=$port

# blocks FILE LANGUAGE HEADING: the blocks of code below the heading, up to the next one.
blocks() {
    awk -v fence="\`\`\`$2" -v heading="## $3" '
        /^```/ && inside { inside = 0; next }
        inside { print; next }
        /^## / { here = (index($0, heading) == 1) }
        here && $0 == fence { inside = 1; found = 1 }
        END { if (!found) exit 1 }
    ' "$home/$1" | sed "s/:9324/:$port/g" || {
        echo "$1 has no block of $2 below \"$3\" any more. Correct e2e/docs/tour.sh." >&2
        return 1
    }
}

echo "  README.md, five minutes"
# Two lines are for the other terminal. The shell that runs the block expands the variables.
# shellcheck disable=SC2016
bodies=$(blocks README.md sh "Five minutes" | sed '
    s|^kill -9 PID.*|"$E2E_SERVER" kill "$E2E_FOLDER"|
    s|^\./millstream serve.*|"$E2E_SERVER" start "$E2E_FOLDER"|' |
    bash -euo pipefail | sed -n 's/^ *"Body": "\(.*\)",\{0,1\}$/\1/p')
expected="cannot be delivered
cannot be delivered
cannot be delivered
still here"
if [ "$bodies" != "$expected" ]; then
    printf 'expected:\n%s\nfound:\n%s\n' "$expected" "$bodies" >&2
    exit 1
fi

echo "  docs/sqs.md, shell"
blocks docs/sqs.md sh Connect | bash -euo pipefail | grep -q MessageId

for python in /usr/bin/python3 python3; do
    if "$python" -c 'import boto3' 2>/dev/null; then
        echo "  docs/sqs.md, Python"
        { echo "import boto3" && blocks docs/sqs.md python Connect; } | "$python" -
        break
    fi
done

if [ -n "${E2E_JS:-}" ]; then
    echo "  docs/sqs.md, JavaScript"
    {
        echo 'const { SQSClient, ListQueuesCommand } = require("@aws-sdk/client-sqs");'
        blocks docs/sqs.md js Connect
        echo 'sqs.send(new ListQueuesCommand({})).then((page) => {'
        echo '  if (!page.QueueUrls.some((url) => url.endsWith("/mail"))) throw Error("no mail");'
        echo '});'
    } | NODE_NO_WARNINGS=1 NODE_PATH=$E2E_JS/node_modules node -
fi
