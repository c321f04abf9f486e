#!/usr/bin/env bash
# A tour of SQS with AWS's command line: the command is $1, by default aws; the address is
# MILLSTREAM_ENDPOINT.
set -euo pipefail

aws=${1:-aws}
export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1
export AWS_PAGER='' AWS_MAX_ATTEMPTS=1 AWS_CONFIG_FILE=/dev/null PYTHONUTF8=1
name=cli-$$

sqs() { "$aws" --endpoint-url "$MILLSTREAM_ENDPOINT" --output text sqs "$@"; }
say() { echo "  $*"; }

# is WHAT EXPECTED FOUND
is() {
    [ "$2" = "$3" ] && return
    printf '%s:\n  expected  %s\n  found     %s\n' "$1" "$2" "$3" >&2
    exit 1
}

# fails CODE ARGUMENT ...: the call fails, and the message names the code or another one, after a |.
fails() {
    local code=$1 text
    shift
    if text=$(sqs "$@" 2>&1); then
        echo "$1 was to fail with $code and succeeded: $text" >&2
        exit 1
    fi
    grep -Eq "\(($code)\)" <<<"$text" || {
        echo "$1 was to fail with $code: $text" >&2
        exit 1
    }
}

attributes='{
  "text": {"DataType": "String", "StringValue": "grüße, 世界"},
  "count": {"DataType": "Number", "StringValue": "42"},
  "bytes.png": {"DataType": "Binary", "BinaryValue": "iVBORw0K"}
}'

"$aws" --version

say create queue
url=$(sqs create-queue --queue-name "$name-mail" --attributes VisibilityTimeout=30)
is "its address" "$url" "$(sqs get-queue-url --queue-name "$name-mail")"
sqs set-queue-attributes --queue-url "$url" --attributes VisibilityTimeout=31
is "what was set" 31 "$(sqs get-queue-attributes --queue-url "$url" \
    --attribute-names VisibilityTimeout --query Attributes.VisibilityTimeout)"

say send and receive
body='hello <world> & "all", grüße 世界'
# Version 1 takes the value for the bytes themselves, version 2 for their base64. Both print base64.
bytes=$(printf iVBORw0K | base64)
if [[ $("$aws" --version 2>&1) == aws-cli/2* ]]; then bytes=iVBORw0K; fi
sum=$(sqs send-message --queue-url "$url" --message-body "$body" \
    --message-attributes "$attributes" --query MD5OfMessageBody)
is "MD5 of the body" "$(printf %s "$body" | md5sum | cut -d ' ' -f 1)" "$sum"
received=$(sqs receive-message --queue-url "$url" --wait-time-seconds 5 --attribute-names All \
    --message-attribute-names All --query "Messages[0].[Body,
        MessageAttributes.text.StringValue,
        MessageAttributes.\"bytes.png\".BinaryValue,
        Attributes.ApproximateReceiveCount,
        ReceiptHandle]")
IFS=$'\t' read -r gotbody text gotbytes count handle <<<"$received"
is "the body" "$body" "$gotbody"
is "an attribute of text" "grüße, 世界" "$text"
is "an attribute of bytes" "$bytes" "$gotbytes"
is "the receive count" 1 "$count"

say change visibility
sqs change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 0
read -r count handle <<<"$(sqs receive-message --queue-url "$url" --wait-time-seconds 5 \
    --attribute-names All \
    --query 'Messages[0].[Attributes.ApproximateReceiveCount,ReceiptHandle]')"
is "the receive count" 2 "$count"

say delete
sqs delete-message --queue-url "$url" --receipt-handle "$handle"
is "what is left" None "$(sqs receive-message --queue-url "$url" --query Messages)"

say batches
entries=$(for i in 0 1 2 3 4 5 6 7 8; do printf '{"Id":"%s","MessageBody":"body %s"},' $i $i; done)
is "what was sent and what failed" $'9\t1' "$(sqs send-message-batch --queue-url "$url" \
    --entries "[$entries{\"Id\":\"bad\",\"MessageBody\":\"x\",\"DelaySeconds\":901}]" \
    --query '[length(Successful),length(Failed)]')"
is "what is received" 9 "$(sqs receive-message --queue-url "$url" --max-number-of-messages 10 \
    --query 'length(Messages)')"

say dead letters
dead=$(sqs create-queue --queue-name "$name-dead")
arn=$(sqs get-queue-attributes --queue-url "$dead" --attribute-names QueueArn \
    --query Attributes.QueueArn)
policy='{\"deadLetterTargetArn\":\"'$arn'\",\"maxReceiveCount\":1}'
work=$(sqs create-queue --queue-name "$name-work" --attributes "{\"RedrivePolicy\":\"$policy\"}")
sqs send-message --queue-url "$work" --message-body poison >/dev/null
handle=$(sqs receive-message --queue-url "$work" --query 'Messages[0].ReceiptHandle')
sqs change-message-visibility --queue-url "$work" --receipt-handle "$handle" --visibility-timeout 0
is "the dead letter" poison "$(sqs receive-message --queue-url "$dead" --wait-time-seconds 5 \
    --query 'Messages[0].Body')"

say list queues by pages
is "three queues" "$dead"$'\n'"$url"$'\n'"$work" "$(sqs list-queues --queue-name-prefix "$name-" \
    --page-size 1 --query 'QueueUrls[]' | tr '\t' '\n' | sort)"

say purge
sqs purge-queue --queue-url "$url"
is "what is left" $'0\t0' "$(sqs get-queue-attributes --queue-url "$url" --attribute-names All \
    --query 'Attributes.[ApproximateNumberOfMessages,ApproximateNumberOfMessagesNotVisible]')"

say errors
missing='AWS.SimpleQueueService.NonExistentQueue|QueueDoesNotExist'
fails "$missing" get-queue-url --queue-name none
fails 'ReceiptHandleIsInvalid' delete-message --queue-url "$url" --receipt-handle none
fails 'InvalidParameterValue|InvalidParameterValueException' create-queue --queue-name 'no spaces'

say delete queues
for queue in "$url" "$work" "$dead"; do sqs delete-queue --queue-url "$queue"; done
fails "$missing" send-message --queue-url "$url" --message-body x
