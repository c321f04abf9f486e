// A tour of SQS with AWS's SDK for JavaScript, version 3, which compares the MD5 sums of bodies by
// itself. The address is MILLSTREAM_ENDPOINT; the SDK lies in the folder that is the argument.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve(process.argv[2], "package.json"));
const { version } = require("@aws-sdk/client-sqs/package.json");
const { SQS, paginateListQueues, ...types } = require("@aws-sdk/client-sqs");

const sqs = new SQS({
  endpoint: process.env.MILLSTREAM_ENDPOINT,
  region: "us-east-1",
  credentials: { accessKeyId: "any", secretAccessKey: "any" },
  maxAttempts: 1,
});
const prefix = `js-${process.pid}`;

const ATTRIBUTES = {
  text: { DataType: "String", StringValue: "grüße, 世界 🌍" },
  count: { DataType: "Number", StringValue: "-12.50" },
  bytes: { DataType: "Binary", BinaryValue: Uint8Array.from({ length: 256 }, (_, i) => i) },
  "note.json": { DataType: "String.json", StringValue: '{"a":"<&>"}' },
  "whole.int": { DataType: "Number.int", StringValue: "42" },
  "bytes.png": { DataType: "Binary.png", BinaryValue: Uint8Array.of(0x89, 0x50, 0x4e, 0x47) },
};

let QueueUrl;

const receive = async (more = {}) => {
  const options = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, ...more };
  return (await sqs.receiveMessage(options)).Messages ?? [];
};

const fails = (type, call) =>
  assert.rejects(call, (e) => {
    assert.ok(e instanceof types[type], `${type} was expected, not ${e.name}: ${e.message}`);
    assert.equal(e.$fault, "client");
    return true;
  });

/** AWS's sum: of name, type and value, each with its length, in the order of the names. */
const md5OfAttributes = (attributes) => {
  const hash = createHash("md5");
  const add = (data) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    hash.update(length).update(data);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name];
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.of(BinaryValue ? 2 : 1));
    add(Buffer.from(BinaryValue ?? StringValue));
  }
  return hash.digest("hex");
};

const plain = (attributes) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      [DataType, StringValue ?? Buffer.from(BinaryValue).toString("hex")],
    ]),
  );

const steps = {
  async "create queue"() {
    const QueueName = `${prefix}-mail`;
    const Attributes = { VisibilityTimeout: "30" };
    ({ QueueUrl } = await sqs.createQueue({ QueueName, Attributes }));
    assert.equal((await sqs.getQueueUrl({ QueueName })).QueueUrl, QueueUrl);
    const all = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] });
    assert.equal(all.Attributes.VisibilityTimeout, "30");
  },

  async "send and receive"() {
    const MessageBody = 'line one\r\nline <two> & "three" \t grüße 世界 🌍';
    const sent = await sqs.sendMessage({ QueueUrl, MessageBody, MessageAttributes: ATTRIBUTES });
    assert.equal(sent.MD5OfMessageAttributes, md5OfAttributes(ATTRIBUTES));
    const [message] = await receive({
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    assert.equal(message.MessageId, sent.MessageId);
    assert.equal(message.Body, MessageBody);
    assert.deepEqual(plain(message.MessageAttributes), plain(ATTRIBUTES));
    assert.equal(message.MD5OfMessageAttributes, md5OfAttributes(ATTRIBUTES));
    assert.equal(message.Attributes.ApproximateReceiveCount, "1");

    const { ReceiptHandle } = message;
    await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    const [again] = await receive({ MessageSystemAttributeNames: ["ApproximateReceiveCount"] });
    assert.equal(again.Attributes.ApproximateReceiveCount, "2");
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: again.ReceiptHandle });
    assert.deepEqual(await receive({ WaitTimeSeconds: 0 }), []);
  },

  async "a message for who waits already"() {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await sqs.sendMessage({ QueueUrl, MessageBody: "awaited" });
    const [message] = await waiting;
    assert.equal(message.Body, "awaited");
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle });
  },

  async batches() {
    const Entries = Array.from({ length: 10 }, (_, i) => ({
      Id: `e${i}`,
      MessageBody: `body ${i}`,
      MessageAttributes: ATTRIBUTES,
    }));
    const sent = await sqs.sendMessageBatch({ QueueUrl, Entries });
    assert.equal(sent.Successful.length, 10);
    const messages = await receive({ MessageAttributeNames: ["All"] });
    assert.deepEqual(
      messages.map((m) => m.Body).sort(),
      Entries.map((e) => e.MessageBody),
    );
    const deleted = await sqs.deleteMessageBatch({
      QueueUrl,
      Entries: messages.map(({ ReceiptHandle }, i) =>
        i === 9 ? { Id: "bad", ReceiptHandle: "none" } : { Id: `e${i}`, ReceiptHandle },
      ),
    });
    assert.equal(deleted.Successful.length, 9);
    assert.equal(deleted.Failed.length, 1);
    assert.equal(deleted.Failed[0].Id, "bad");
    assert.equal(deleted.Failed[0].Code, "ReceiptHandleIsInvalid");
    await sqs.deleteMessage({ QueueUrl, ReceiptHandle: messages[9].ReceiptHandle });
  },

  async "dead letters"() {
    const dead = (await sqs.createQueue({ QueueName: `${prefix}-dead` })).QueueUrl;
    const { Attributes } = await sqs.getQueueAttributes({
      QueueUrl: dead,
      AttributeNames: ["QueueArn"],
    });
    const policy = { deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 2 };
    const { QueueUrl: work } = await sqs.createQueue({
      QueueName: `${prefix}-work`,
      Attributes: { RedrivePolicy: JSON.stringify(policy) },
    });
    await sqs.sendMessage({ QueueUrl: work, MessageBody: "poison" });
    for (let i = 0; i < 2; i++) {
      const [{ ReceiptHandle }] = await receive({ QueueUrl: work });
      await sqs.changeMessageVisibility({ QueueUrl: work, ReceiptHandle, VisibilityTimeout: 0 });
    }
    const [letter] = await receive({ QueueUrl: dead });
    assert.equal(letter.Body, "poison");
    await sqs.deleteQueue({ QueueUrl: work });
    await sqs.deleteQueue({ QueueUrl: dead });
  },

  async errors() {
    const none = `${QueueUrl}-none`;
    const body = { MessageBody: "x" };
    const same = [{ Id: "a", ...body }, { Id: "a", ...body }];
    const eleven = Array.from({ length: 11 }, (_, i) => ({ Id: `${i}`, ...body }));
    await fails("QueueDoesNotExist", sqs.sendMessage({ QueueUrl: none, ...body }));
    await fails("QueueDoesNotExist", sqs.getQueueUrl({ QueueName: "none" }));
    await fails("ReceiptHandleIsInvalid", sqs.deleteMessage({ QueueUrl, ReceiptHandle: "none" }));
    await fails("BatchEntryIdsNotDistinct", sqs.sendMessageBatch({ QueueUrl, Entries: same }));
    await fails(
      "TooManyEntriesInBatchRequest",
      sqs.sendMessageBatch({ QueueUrl, Entries: eleven }),
    );
    await fails(
      "InvalidAttributeName",
      sqs.setQueueAttributes({ QueueUrl, Attributes: { Colour: "red" } }),
    );
    await fails("InvalidMessageContents", sqs.sendMessage({ QueueUrl, MessageBody: "\u0001" }));
  },

  async "list queues by pages"() {
    const names = Array.from({ length: 5 }, (_, i) => `${prefix}-list-${i}`);
    const urls = [];
    for (const QueueName of names) urls.push((await sqs.createQueue({ QueueName })).QueueUrl);
    const listed = [];
    const which = { QueueNamePrefix: `${prefix}-list-` };
    for await (const page of paginateListQueues({ client: sqs, pageSize: 2 }, which)) {
      assert.ok((page.QueueUrls ?? []).length <= 2);
      listed.push(...(page.QueueUrls ?? []));
    }
    assert.deepEqual(listed.sort(), urls.sort());
    for (const url of urls) await sqs.deleteQueue({ QueueUrl: url });
  },

  async purge() {
    await sqs.sendMessage({ QueueUrl, MessageBody: "x" });
    await sqs.purgeQueue({ QueueUrl });
    assert.deepEqual(await receive({ WaitTimeSeconds: 0 }), []);
  },

  async "delete queue"() {
    await sqs.deleteQueue({ QueueUrl });
    await fails("QueueDoesNotExist", sqs.sendMessage({ QueueUrl, MessageBody: "x" }));
  },
};

console.log(`AWS SDK for JavaScript ${version}, Node ${process.version}`);
for (const [name, step] of Object.entries(steps)) {
  console.log(`  ${name}`);
  await step();
}
sqs.destroy();
