#!/usr/bin/env bash
# What a user does with AWS's command line: FIFO, batches, dead letters and back, fan-out, all of it
# signed. The command is $1, by default aws; the address is MILLSTREAM_ENDPOINT. The key, and for TLS
# the certificate, are in the variables that the command reads by itself: AWS_ACCESS_KEY_ID,
# AWS_SECRET_ACCESS_KEY, AWS_CA_BUNDLE.
set -euo pipefail

aws=${1:-aws}
export AWS_DEFAULT_REGION=us-east-1 AWS_PAGER='' AWS_MAX_ATTEMPTS=1 AWS_CONFIG_FILE=/dev/null
export AWS_SHARED_CREDENTIALS_FILE=/dev/null PYTHONUTF8=1
name=cli-$$
polls=40

sqs() { "$aws" --endpoint-url "$MILLSTREAM_ENDPOINT" --output text sqs "$@"; }
sns() { "$aws" --endpoint-url "$MILLSTREAM_ENDPOINT" --output text sns "$@"; }
say() { echo "  $*"; }
lines() { tr '\t' '\n' | sort; }

# is WHAT EXPECTED FOUND
is() {
    [ "$2" = "$3" ] && return
    printf '%s:\n  expected  %s\n  found     %s\n' "$1" "$2" "$3" >&2
    exit 1
}

# queue NAME [ATTRIBUTES]: the address of a new queue; what all have is added.
queue() {
    local url
    url=$(sqs create-queue --queue-name "$name-$1" --attributes "${2:-VisibilityTimeout=30}")
    [[ $url == "$MILLSTREAM_ENDPOINT"/* ]] || is "where $1 is" "$MILLSTREAM_ENDPOINT/…" "$url"
    echo "$url"
}

arn() { echo "arn:aws:sqs:us-east-1:000000000000:$name-$1"; }

# take URL [MOST]: bodies, with what tells of their order, and handles, a message a line.
take() {
    sqs receive-message --queue-url "$1" --max-number-of-messages "${2:-10}" \
        --wait-time-seconds 2 --query 'Messages[].[Body,ReceiptHandle]'
}

# handles, from lines of bodies and handles, as entries of a batch; $1 is put into each.
entries() {
    local i=0 _ handle all=
    while read -r _ handle; do
        all+="{\"Id\":\"$i\",\"ReceiptHandle\":\"$handle\"${1:-}},"
        i=$((i + 1))
    done
    echo "[${all%,}]"
}

bodies() { cut -f 1; }

"$aws" --version
echo "  ${MILLSTREAM_ENDPOINT%%:*}"

say strangers
if refused=$(AWS_SECRET_ACCESS_KEY=guessed sqs list-queues 2>&1); then
    echo "A forged signature was accepted." >&2
    exit 1
fi
[[ $refused == *'(SignatureDoesNotMatch)'* ]] || is "the error" SignatureDoesNotMatch "$refused"

say FIFO
orders=$(queue orders.fifo FifoQueue=true)
send() {
    sqs send-message --queue-url "$orders" --message-group-id "$1" --message-body "$2" \
        --message-deduplication-id "$2" --query '[MessageId,SequenceNumber]'
}
first=$(send a a1)
is "a duplicate" "$first" "$(send a a1)"
send a a2 >/dev/null
send b b1 >/dev/null
head=$(take "$orders" 1)
is "the oldest" a1 "$(bodies <<<"$head")"
other=$(take "$orders")
is "of another group, since a1 is in flight" b1 "$(bodies <<<"$other")"
sqs delete-message-batch --queue-url "$orders" \
    --entries "$(entries <<<"$head"$'\n'"$other")" >/dev/null
is "the rest of the group" a2 "$(take "$orders" | bodies)"

say batches
ten=$(queue ten.fifo FifoQueue=true,ContentBasedDeduplication=true)
batch=$(for i in 0 1 2 3 4 5 6 7 8 9; do
    printf '{"Id":"%s","MessageBody":"body%s","MessageGroupId":"g"},' $i $i
done)
is "what was sent" 10 "$(sqs send-message-batch --queue-url "$ten" --entries "[${batch%,}]" \
    --query 'length(Successful)')"
received=$(take "$ten")
is "ten of one group, in order" "$(printf 'body%s\n' 0 1 2 3 4 5 6 7 8 9)" \
    "$(bodies <<<"$received")"
is "what was changed" 10 "$(sqs change-message-visibility-batch --queue-url "$ten" \
    --entries "$(entries ',"VisibilityTimeout":60' <<<"$received")" --query 'length(Successful)')"
is "what was deleted" 10 "$(sqs delete-message-batch --queue-url "$ten" \
    --entries "$(entries <<<"$received")" --query 'length(Successful)')"

say dead letters
dead=$(queue dead)
policy='{\"deadLetterTargetArn\":\"'$(arn dead)'\",\"maxReceiveCount\":1}'
work=$(queue work "{\"RedrivePolicy\":\"$policy\"}")
is "whose dead letters they are" "$work" "$(sqs list-dead-letter-source-queues \
    --queue-url "$dead" --query 'queueUrls[]')"
sqs send-message-batch --queue-url "$work" --entries \
    '[{"Id":"0","MessageBody":"poison0"},{"Id":"1","MessageBody":"poison1"}]' >/dev/null
poison=$'poison0\npoison1'
again=',"VisibilityTimeout":0'
received=$(take "$work")
is "what fails" "$poison" "$(bodies <<<"$received" | sort)"
sqs change-message-visibility-batch --queue-url "$work" \
    --entries "$(entries "$again" <<<"$received")" >/dev/null
received=$(take "$dead")
is "dead letters" "$poison" "$(bodies <<<"$received" | sort)"
if known=$(sqs list-message-move-tasks --source-arn "$(arn dead)" 2>&1); then
    say and back
    sqs change-message-visibility-batch --queue-url "$dead" \
        --entries "$(entries "$again" <<<"$received")" >/dev/null
    sqs start-message-move-task --source-arn "$(arn dead)" >/dev/null
    for ((i = 0; i < polls; i++)); do
        task=$(sqs list-message-move-tasks --source-arn "$(arn dead)" \
            --query 'Results[0].[Status,ApproximateNumberOfMessagesMoved]')
        [[ $task == RUNNING* ]] || break
    done
    is "the task" $'COMPLETED\t2' "$task"
    is "back at their source" "$poison" "$(take "$work" | bodies | sort)"
elif [[ $known == *[Ii]"nvalid choice"* ]]; then
    say "(no way back: this version has no move tasks)"
else
    is "the move tasks" "none" "$known"
fi

say fan-out with filters
topic=$(sns create-topic --name "$name-events")
raw=$(queue raw)
wrapped=$(queue wrapped)
sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$(arn raw)" \
    --attributes '{"RawMessageDelivery":"true","FilterPolicy":"{\"kind\":[\"paid\"]}"}' >/dev/null
sns subscribe --topic-arn "$topic" --protocol sqs --notification-endpoint "$(arn wrapped)" \
    --attributes '{"FilterPolicy":"{\"price\":[{\"numeric\":[\">=\",100]}]}"}' >/dev/null
is "who subscribes" "$(arn raw)"$'\n'"$(arn wrapped)" "$(sns list-subscriptions-by-topic \
    --topic-arn "$topic" --query 'Subscriptions[].Endpoint' | lines)"
# attributes KIND PRICE
attributes() {
    printf '{"kind":{"DataType":"String","StringValue":"%s"},' "$1"
    printf '"price":{"DataType":"Number","StringValue":"%s"}}' "$2"
}
sns publish --topic-arn "$topic" --message one \
    --message-attributes "$(attributes paid 10)" >/dev/null
is "what was published at once" 2 "$(sns publish-batch --topic-arn "$topic" \
    --publish-batch-request-entries "[
        {\"Id\":\"2\",\"Message\":\"two\",\"MessageAttributes\":$(attributes sent 250)},
        {\"Id\":\"3\",\"Message\":\"three\",\"MessageAttributes\":$(attributes lost 20)}]" \
    --query 'length(Successful)')"
is "raw: the text, and its attributes" $'one\t10' "$(sqs receive-message --queue-url "$raw" \
    --max-number-of-messages 10 --wait-time-seconds 2 --message-attribute-names All \
    --query 'Messages[].[Body,MessageAttributes.price.StringValue]')"
letter=$(sqs receive-message --queue-url "$wrapped" --max-number-of-messages 10 \
    --wait-time-seconds 2 --query 'Messages[].Body')
for part in '"Type":"Notification"' '"Message":"two"' "\"TopicArn\":\"$topic\"" \
    '"price":{"Type":"Number","Value":"250"}'; do
    [[ $(tr -d ' \n' <<<"$letter") == *"$part"* ]] || is "a letter" "$part" "$letter"
done
is "letters" 1 "$(grep -c '"Notification"' <<<"$letter")"
