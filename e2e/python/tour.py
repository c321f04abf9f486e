#!/usr/bin/env python3
"""A tour of SQS with boto3, in whichever of the two protocols the installed version speaks.

boto3 does not compare MD5 sums, so this does: of bodies and of attributes, sent and received.

The address is MILLSTREAM_ENDPOINT. With E2E_SERVER and E2E_FOLDER (the command e2e/server and the
folder of the running server) the tour also kills that server and starts it again.
"""

import hashlib
import os
import subprocess
import sys
import time

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError

ATTRIBUTES = {
    "text": {"DataType": "String", "StringValue": "grüße, 世界 🌍"},
    "count": {"DataType": "Number", "StringValue": "-12.50"},
    "bytes": {"DataType": "Binary", "BinaryValue": bytes(range(256))},
    "note.json": {"DataType": "String.json", "StringValue": '{"a":"<&>"}'},
    "whole.int": {"DataType": "Number.int", "StringValue": "42"},
    "bytes.png": {"DataType": "Binary.png", "BinaryValue": b"\x89PNG\r\n"},
}


def connect(endpoint):
    return boto3.client(
        "sqs",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"max_attempts": 1}),
    )


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def fails(code, error, call, **arguments):
    """The call fails with the error's class, if there is one, and with the code."""
    try:
        call(**arguments)
    except ClientError as e:
        check(error is None or isinstance(e, error), f"{type(e).__name__} is not {error}")
        check(e.response["Error"]["Code"].endswith(code), f"{e.response['Error']} is not {code}")
        return
    raise AssertionError(f"{code} was expected, and the call succeeded")


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def md5_of_attributes(attributes):
    """AWS's sum: of name, type and value, each with its length, in the order of the names."""
    digest = hashlib.md5()

    def add(data):
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)

    for name in sorted(attributes):
        attribute = attributes[name]
        add(name.encode())
        add(attribute["DataType"].encode())
        if attribute["DataType"].startswith("Binary"):
            digest.update(b"\x02")
            add(attribute["BinaryValue"])
        else:
            digest.update(b"\x01")
            add(attribute["StringValue"].encode())
    return digest.hexdigest()


class Tour:
    def __init__(self, endpoint):
        self.sqs = connect(endpoint)
        self.prefix = f"boto3-{os.getpid()}"
        self.url = self.sqs.create_queue(
            QueueName=f"{self.prefix}-mail", Attributes={"VisibilityTimeout": "30"}
        )["QueueUrl"]

    def receive(self, url=None, **arguments):
        options = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 5, **arguments}
        return self.sqs.receive_message(QueueUrl=url or self.url, **options).get("Messages", [])

    def delete(self, messages):
        for message in messages:
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def queue_attributes(self):
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        check(attributes["Attributes"]["VisibilityTimeout"] == "30", "VisibilityTimeout is kept")
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": "31"})
        attributes = self.sqs.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["VisibilityTimeout"]
        )
        check(attributes["Attributes"] == {"VisibilityTimeout": "31"}, "VisibilityTimeout is set")
        same = self.sqs.create_queue(QueueName=f"{self.prefix}-mail")["QueueUrl"]
        check(same == self.url, "creating it again gives the same queue")
        named = self.sqs.get_queue_url(QueueName=f"{self.prefix}-mail")["QueueUrl"]
        check(named == self.url, "its name gives the same queue")

    def send_and_receive(self):
        body = "line one\r\nline <two> & \"three\" \t grüße 世界 🌍"
        sent = self.sqs.send_message(
            QueueUrl=self.url, MessageBody=body, MessageAttributes=ATTRIBUTES
        )
        check(sent["MD5OfMessageBody"] == md5(body), "MD5 of the body that was sent")
        check(
            sent["MD5OfMessageAttributes"] == md5_of_attributes(ATTRIBUTES),
            "MD5 of the attributes that were sent",
        )
        [message] = self.receive(AttributeNames=["All"], MessageAttributeNames=["All"])
        check(message["MessageId"] == sent["MessageId"], "message id")
        check(message["Body"] == body, f"body: {message['Body']!r}")
        check(message["MD5OfBody"] == md5(body), "MD5 of the body that was received")
        check(message["MessageAttributes"] == ATTRIBUTES, "attributes of all types")
        check(
            message["MD5OfMessageAttributes"] == md5_of_attributes(ATTRIBUTES),
            "MD5 of the attributes that were received",
        )
        check(message["Attributes"]["ApproximateReceiveCount"] == "1", "receive count 1")
        self.sqs.change_message_visibility(
            QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
        [again] = self.receive(AttributeNames=["ApproximateReceiveCount"])
        check(again["Attributes"]["ApproximateReceiveCount"] == "2", "receive count 2")
        self.delete([again])
        check(self.receive(WaitTimeSeconds=0) == [], "empty after the delete")

    def some_attributes(self):
        self.sqs.send_message(QueueUrl=self.url, MessageBody="x", MessageAttributes=ATTRIBUTES)
        [message] = self.receive(MessageAttributeNames=["note.*", "count"])
        names = {"note.json", "count"}
        check(set(message["MessageAttributes"]) == names, f"{set(message['MessageAttributes'])}")
        part = {name: ATTRIBUTES[name] for name in names}
        check(message["MD5OfMessageAttributes"] == md5_of_attributes(part), "MD5 of a selection")
        self.delete([message])

    def batches(self):
        entries = [
            {"Id": f"e{i}", "MessageBody": f"body {i}", "MessageAttributes": ATTRIBUTES}
            for i in range(10)
        ]
        sent = self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        check(len(sent["Successful"]) == 10 and not sent.get("Failed"), "ten sent")
        for entry in sent["Successful"]:
            check(entry["MD5OfMessageBody"] == md5(f"body {entry['Id'][1:]}"), "MD5 in a batch")
        messages = self.receive(MessageAttributeNames=["All"])
        check({m["Body"] for m in messages} == {e["MessageBody"] for e in entries}, "ten received")
        changed = self.sqs.change_message_visibility_batch(
            QueueUrl=self.url,
            Entries=[
                {"Id": str(i), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 60}
                for i, m in enumerate(messages)
            ],
        )
        check(len(changed["Successful"]) == 10, "ten changed")
        deletes = [
            {"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(messages[:9])
        ]
        deletes.append({"Id": "bad", "ReceiptHandle": "none"})
        deleted = self.sqs.delete_message_batch(QueueUrl=self.url, Entries=deletes)
        check(len(deleted["Successful"]) == 9, "nine deleted")
        [failed] = deleted["Failed"]
        check(failed["Id"] == "bad" and failed["SenderFault"], f"one failed: {failed}")
        check(failed["Code"] == "ReceiptHandleIsInvalid", f"one failed: {failed}")
        self.delete(messages[9:])

    def long_poll(self):
        start = time.monotonic()
        check(self.receive(WaitTimeSeconds=1) == [], "nothing there")
        check(time.monotonic() - start >= 0.9, "it waits for a message")

    def dead_letters(self):
        dead = self.sqs.create_queue(QueueName=f"{self.prefix}-dead")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
        policy = f'{{"deadLetterTargetArn":"{arn["Attributes"]["QueueArn"]}","maxReceiveCount":2}}'
        work = self.sqs.create_queue(
            QueueName=f"{self.prefix}-work",
            Attributes={"RedrivePolicy": policy, "VisibilityTimeout": "30"},
        )["QueueUrl"]
        sent = self.sqs.send_message(
            QueueUrl=work, MessageBody="poison", MessageAttributes=ATTRIBUTES
        )
        for count in ("1", "2"):
            [message] = self.receive(work, AttributeNames=["All"])
            check(message["Attributes"]["ApproximateReceiveCount"] == count, f"receive {count}")
            self.sqs.change_message_visibility(
                QueueUrl=work, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        check(self.receive(work, WaitTimeSeconds=0) == [], "given up at its source")
        [letter] = self.receive(dead, MessageAttributeNames=["All"])
        check(letter["MessageId"] == sent["MessageId"], "the dead letter keeps its id")
        check(letter["MessageAttributes"] == ATTRIBUTES, "the dead letter keeps its attributes")
        self.sqs.delete_queue(QueueUrl=work)
        self.sqs.delete_queue(QueueUrl=dead)

    def errors(self):
        sqs = self.sqs
        gone = self.url + "-none"
        send = {"MessageBody": "x"}
        missing = sqs.exceptions.QueueDoesNotExist
        fails("NonExistentQueue", missing, sqs.send_message, QueueUrl=gone, **send)
        fails("NonExistentQueue", missing, sqs.get_queue_url, QueueName="none")
        invalid = sqs.exceptions.ReceiptHandleIsInvalid
        handle = {"QueueUrl": self.url, "ReceiptHandle": "none"}
        fails("ReceiptHandleIsInvalid", invalid, sqs.delete_message, **handle)
        batch = {"QueueUrl": self.url, "Entries": [{"Id": "a", **send}, {"Id": "a", **send}]}
        distinct = sqs.exceptions.BatchEntryIdsNotDistinct
        fails("BatchEntryIdsNotDistinct", distinct, sqs.send_message_batch, **batch)
        many = [{"Id": str(i), **send} for i in range(11)]
        too_many = sqs.exceptions.TooManyEntriesInBatchRequest
        call = sqs.send_message_batch
        fails("TooManyEntriesInBatchRequest", too_many, call, QueueUrl=self.url, Entries=many)
        call = sqs.set_queue_attributes
        unknown = {"QueueUrl": self.url, "Attributes": {"Colour": "red"}}
        fails("InvalidAttributeName", sqs.exceptions.InvalidAttributeName, call, **unknown)
        fails("InvalidParameterValue", None, sqs.create_queue, QueueName="no spaces")
        mixed = [{"Id": "good", **send}, {"Id": "bad", "MessageBody": "\u0001"}]
        answer = sqs.send_message_batch(QueueUrl=self.url, Entries=mixed)
        check([e["Id"] for e in answer["Successful"]] == ["good"], "the good entry is sent")
        [failed] = answer["Failed"]
        check(failed["Id"] == "bad" and failed["SenderFault"], f"the bad one is not: {failed}")
        self.delete(self.receive())

    def listing(self):
        names = [f"{self.prefix}-list-{i}" for i in range(5)]
        urls = {self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}
        pages = self.sqs.get_paginator("list_queues").paginate(
            QueueNamePrefix=f"{self.prefix}-list-", PaginationConfig={"PageSize": 2}
        )
        pages = [page.get("QueueUrls", []) for page in pages]
        check(len(pages) >= 3 and all(len(page) <= 2 for page in pages), f"pages of two: {pages}")
        check({url for page in pages for url in page} == urls, "each queue is listed")
        for url in urls:
            self.sqs.delete_queue(QueueUrl=url)
        left = self.sqs.list_queues(QueueNamePrefix=f"{self.prefix}-list-")
        check(not left.get("QueueUrls"), "none is listed after the delete")

    def purge(self):
        for i in range(3):
            self.sqs.send_message(QueueUrl=self.url, MessageBody=str(i))
        self.sqs.purge_queue(QueueUrl=self.url)
        count = "ApproximateNumberOfMessages"
        left = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[count])
        check(left["Attributes"][count] == "0", "nothing left")

    def kill(self):
        server, folder = os.environ.get("E2E_SERVER"), os.environ.get("E2E_FOLDER")
        if not server:
            return "skipped: E2E_SERVER is not set"
        self.sqs.send_message(QueueUrl=self.url, MessageBody="kept", MessageAttributes=ATTRIBUTES)
        taken = self.sqs.send_message(QueueUrl=self.url, MessageBody="deleted")["MessageId"]
        for message in self.receive():
            if message["MessageId"] == taken:
                self.delete([message])
            else:
                self.sqs.change_message_visibility(
                    QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )
        subprocess.run([server, "kill", folder], check=True)
        started = subprocess.run(
            [server, "start", folder], check=True, stdout=subprocess.PIPE, text=True
        )
        self.sqs = connect(started.stdout.strip())
        self.url = self.sqs.get_queue_url(QueueName=f"{self.prefix}-mail")["QueueUrl"]
        [message] = self.receive(MessageAttributeNames=["All"])
        check(message["Body"] == "kept", "what was acknowledged is there after kill -9")
        check(message["MessageAttributes"] == ATTRIBUTES, "with its attributes")
        self.delete([message])

    def delete_queue(self):
        self.sqs.delete_queue(QueueUrl=self.url)
        fails(
            "NonExistentQueue",
            self.sqs.exceptions.QueueDoesNotExist,
            self.sqs.send_message,
            QueueUrl=self.url,
            MessageBody="x",
        )


def versions():
    of_boto3 = f"boto3 {boto3.__version__}, botocore {botocore.__version__}"
    return f"{of_boto3}, Python {sys.version.split()[0]}"


def main():
    print(versions())
    tour = Tour(os.environ["MILLSTREAM_ENDPOINT"])
    for step in (
        tour.queue_attributes,
        tour.send_and_receive,
        tour.some_attributes,
        tour.batches,
        tour.long_poll,
        tour.dead_letters,
        tour.errors,
        tour.listing,
        tour.purge,
        tour.kill,
        tour.delete_queue,
    ):
        print(f"  {step.__name__.replace('_', ' ')}", end="", flush=True)
        note = step()
        print(f" ({note})" if note else "")


if __name__ == "__main__":
    main()
