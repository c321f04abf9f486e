#!/usr/bin/env python3
"""What a user does with boto3: FIFO, batches, dead letters and back, fan-out, all of it signed.

The address is MILLSTREAM_ENDPOINT. The key, and for TLS the certificate, are in the variables that
boto3 reads by itself: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_CA_BUNDLE.
"""

import json
import os
import time

import boto3
from botocore.config import Config
from tour import check, fails, versions

ENDPOINT = os.environ["MILLSTREAM_ENDPOINT"]
PREFIX = f"boto3-{os.getpid()}"
SECONDS_MAX = 20


def connect(service, **key):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}),
        **key,
    )


class Signed:
    def __init__(self):
        self.sqs = connect("sqs")
        self.sns = connect("sns")

    def queue(self, name, **attributes):
        """The address and the ARN of a new queue."""
        made = self.sqs.create_queue(QueueName=f"{PREFIX}-{name}", Attributes=attributes)
        url = made["QueueUrl"]
        check(url.startswith(ENDPOINT + "/"), f"{url} is at {ENDPOINT}")
        asked = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, asked["Attributes"]["QueueArn"]

    def receive(self, url, most=10, wait=5):
        return self.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=most,
            WaitTimeSeconds=wait,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])

    def drain(self, url, count):
        """Receives and deletes so many messages, and no more are there."""
        messages = []
        while len(messages) < count:
            some = self.receive(url)
            check(some, f"{count} messages in {url}, and there are {len(messages)}")
            messages += some
            deleted = self.sqs.delete_message_batch(QueueUrl=url, Entries=handles(some))
            check(len(deleted["Successful"]) == len(some), f"deleted: {deleted}")
        check(self.receive(url, wait=0) == [], f"no more than {count} in {url}")
        return messages

    def strangers(self):
        key = os.environ["AWS_ACCESS_KEY_ID"]
        forged = connect("sqs", aws_access_key_id=key, aws_secret_access_key="guessed")
        fails("SignatureDoesNotMatch", None, forged.list_queues)
        forged = connect("sns", aws_access_key_id=key, aws_secret_access_key="guessed")
        fails("SignatureDoesNotMatch", None, forged.list_topics)
        unknown = connect("sqs", aws_access_key_id="any", aws_secret_access_key="any")
        fails("InvalidClientTokenId", None, unknown.list_queues)

    def fifo(self):
        url, _ = self.queue("orders.fifo", FifoQueue="true")

        def send(group, body):
            return self.sqs.send_message(
                QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=body
            )

        first = send("a", "a1")
        again = send("a", "a1")
        check(again["MessageId"] == first["MessageId"], "a duplicate gets the first one's id")
        check(again["SequenceNumber"] == first["SequenceNumber"], "and its number")
        check(send("a", "a2")["SequenceNumber"] > first["SequenceNumber"], "numbers rise")
        send("b", "b1")

        [head] = self.receive(url, most=1)
        check(head["Body"] == "a1", "the oldest comes first")
        check(head["Attributes"]["MessageGroupId"] == "a", "its group")
        check(head["Attributes"]["MessageDeduplicationId"] == "a1", "its deduplication id")
        [other] = self.receive(url)
        check(other["Body"] == "b1", "a group waits for its message in flight, another does not")
        self.sqs.delete_message_batch(QueueUrl=url, Entries=handles([head, other]))
        check([m["Body"] for m in self.drain(url, 1)] == ["a2"], "the rest of the group")

    def batches(self):
        url, _ = self.queue("ten.fifo", FifoQueue="true", ContentBasedDeduplication="true")
        entries = [
            {"Id": str(i), "MessageBody": f"body {i}", "MessageGroupId": "g"} for i in range(10)
        ]
        sent = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        check(len(sent["Successful"]) == 10 and not sent.get("Failed"), f"ten sent: {sent}")
        received = self.receive(url)
        bodies = [entry["MessageBody"] for entry in entries]
        check([m["Body"] for m in received] == bodies, "ten of one group, in order")
        changed = self.sqs.change_message_visibility_batch(
            QueueUrl=url, Entries=[{**h, "VisibilityTimeout": 0} for h in handles(received)]
        )
        check(len(changed["Successful"]) == 10, f"ten changed: {changed}")
        check([m["Body"] for m in self.drain(url, 10)] == bodies, "and again, in order")

    def dead_letters_and_back(self):
        dead, dead_arn = self.queue("dead")
        policy = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1}
        work, work_arn = self.queue("work", RedrivePolicy=json.dumps(policy))
        sources = self.sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"]
        check(sources == [work], f"whose dead letters they are: {sources}")
        bodies = {"poison 0", "poison 1", "poison 2"}
        for body in bodies:
            self.sqs.send_message(QueueUrl=work, MessageBody=body)
        taken = []
        while len(taken) < len(bodies):
            taken += self.receive(work)
        for entry in handles(taken):
            self.sqs.change_message_visibility(
                QueueUrl=work, ReceiptHandle=entry["ReceiptHandle"], VisibilityTimeout=0
            )
        check(self.receive(work, wait=0) == [], "given up at its source")
        if not hasattr(self.sqs, "start_message_move_task"):
            check({m["Body"] for m in self.drain(dead, 3)} == bodies, "dead letters")
            return "without the way back: this version has no move tasks"
        letters = self.receive(dead)
        check({m["Body"] for m in letters} == bodies, f"dead letters: {letters}")
        source = letters[0]["Attributes"]["DeadLetterQueueSourceArn"]
        check(source == work_arn, f"where a dead letter is from: {source}")
        self.sqs.change_message_visibility_batch(
            QueueUrl=dead, Entries=[{**h, "VisibilityTimeout": 0} for h in handles(letters)]
        )
        handle = self.sqs.start_message_move_task(SourceArn=dead_arn)["TaskHandle"]
        check(handle, "the handle of a task")
        end = time.monotonic() + SECONDS_MAX
        while True:
            [task] = self.sqs.list_message_move_tasks(SourceArn=dead_arn)["Results"]
            if task["Status"] != "RUNNING":
                break
            check(time.monotonic() < end, f"it still moves: {task}")
        check(task["Status"] == "COMPLETED", f"{task}")
        check(task["ApproximateNumberOfMessagesMoved"] == 3, f"{task}")
        check({m["Body"] for m in self.drain(work, 3)} == bodies, "back at their source")
        check(self.receive(dead, wait=0) == [], "no dead letters any more")

    def fan_out(self):
        topic = self.sns.create_topic(Name=f"{PREFIX}-events")["TopicArn"]
        raw, raw_arn = self.queue("raw")
        wrapped, wrapped_arn = self.queue("wrapped")
        everything, everything_arn = self.queue("everything")
        self.subscribe(topic, raw_arn, {"kind": ["paid"]}, RawMessageDelivery="true")
        self.subscribe(topic, wrapped_arn, {"price": [{"numeric": [">=", 100]}]})
        self.subscribe(topic, everything_arn, None, RawMessageDelivery="true")
        listed = self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        arns = {subscription["Endpoint"] for subscription in listed}
        check(arns == {raw_arn, wrapped_arn, everything_arn}, f"who subscribes: {arns}")

        first = event("one", "paid", 10)
        self.sns.publish(TopicArn=topic, **first)
        entries = [
            {"Id": text, **event(text, kind, price)}
            for text, kind, price in (("two", "sent", 250), ("three", "lost", 20))
        ]
        published = self.sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
        check(len(published["Successful"]) == 2, f"published: {published}")

        [message] = self.drain(raw, 1)
        check(message["Body"] == "one", "raw: the text itself")
        check(message["MessageAttributes"] == first["MessageAttributes"], "with its attributes")
        [message] = self.drain(wrapped, 1)
        note = json.loads(message["Body"])
        check((note["Type"], note["TopicArn"]) == ("Notification", topic), f"a letter: {note}")
        check((note["Message"], note["Subject"]) == ("two", "news"), f"a letter: {note}")
        price = note["MessageAttributes"]["price"]
        check(price == {"Type": "Number", "Value": "250"}, f"its attributes: {price}")
        texts = {m["Body"] for m in self.drain(everything, 3)}
        check(texts == {"one", "two", "three"}, f"all that was published: {texts}")

    def fan_out_in_order(self):
        topic = self.sns.create_topic(
            Name=f"{PREFIX}-ledger.fifo", Attributes={"FifoTopic": "true"}
        )["TopicArn"]
        queues = [self.queue(f"ledger-{i}.fifo", FifoQueue="true") for i in range(2)]
        for _, arn in queues:
            self.subscribe(topic, arn, None, RawMessageDelivery="true")
        for text in ("1", "2", "2", "3"):
            self.sns.publish(
                TopicArn=topic, Message=text, MessageGroupId="g", MessageDeduplicationId=text
            )
        for url, _ in queues:
            texts = [m["Body"] for m in self.drain(url, 3)]
            check(texts == ["1", "2", "3"], f"in order, each once: {texts}")

    def subscribe(self, topic, arn, policy, **attributes):
        if policy is not None:
            attributes["FilterPolicy"] = json.dumps(policy)
        made = self.sns.subscribe(
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        check(made["SubscriptionArn"].startswith(topic + ":"), f"{made['SubscriptionArn']}")


def handles(messages):
    return [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages)]


def event(text, kind, price):
    attributes = {
        "kind": {"DataType": "String", "StringValue": kind},
        "price": {"DataType": "Number", "StringValue": str(price)},
    }
    return {"Message": text, "Subject": "news", "MessageAttributes": attributes}


def main():
    print(f"{versions()}, {ENDPOINT.split(':')[0]}")
    signed = Signed()
    for step in (
        signed.strangers,
        signed.fifo,
        signed.batches,
        signed.dead_letters_and_back,
        signed.fan_out,
        signed.fan_out_in_order,
    ):
        print(f"  {step.__name__.replace('_', ' ')}", end="", flush=True)
        note = step()
        print(f" ({note})" if note else "")


if __name__ == "__main__":
    main()
