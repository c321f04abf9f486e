// What a user does with AWS's SDK for JavaScript, version 3: FIFO, batches, dead letters and back,
// fan-out, all of it signed; and queues worked off by sqs-consumer. The address is
// MILLSTREAM_ENDPOINT; the libraries lie in the folder that is the argument. The key, and for TLS
// the certificate, are in the variables that SDK and Node read by themselves: AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, NODE_EXTRA_CA_CERTS.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.resolve(process.argv[2], "package.json"));
const { SQS } = require("@aws-sdk/client-sqs");
const { SNS } = require("@aws-sdk/client-sns");
const { Consumer } = require("sqs-consumer");
// Exact versions, and sqs-consumer lets nobody require its own package.json.
const { dependencies } = require("./package.json");

const endpoint = process.env.MILLSTREAM_ENDPOINT;
const connection = { endpoint, region: "us-east-1", maxAttempts: 1 };
const sqs = new SQS(connection);
const sns = new SNS(connection);
const prefix = `js-${process.pid}`;
const MOVE_MILLIS_MAX = 20_000;

/** The address and the ARN of a new queue. */
const queue = async (name, Attributes = {}) => {
  const { QueueUrl } = await sqs.createQueue({ QueueName: `${prefix}-${name}`, Attributes });
  assert.ok(QueueUrl.startsWith(`${endpoint}/`), `${QueueUrl} is at ${endpoint}`);
  const asked = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["QueueArn"] });
  return { QueueUrl, arn: asked.Attributes.QueueArn };
};

const receive = async (QueueUrl, more = {}) => {
  const options = {
    QueueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 5,
    MessageSystemAttributeNames: ["All"],
    MessageAttributeNames: ["All"],
    ...more,
  };
  return (await sqs.receiveMessage(options)).Messages ?? [];
};

const handles = (messages, more = {}) =>
  messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle, ...more }));

/** Receives and deletes so many messages, and no more are there. */
const drain = async (QueueUrl, count) => {
  const messages = [];
  while (messages.length < count) {
    const some = await receive(QueueUrl);
    assert.notEqual(some.length, 0, `${count} in ${QueueUrl}, not ${messages.length}`);
    messages.push(...some);
    const deleted = await sqs.deleteMessageBatch({ QueueUrl, Entries: handles(some) });
    assert.equal(deleted.Successful.length, some.length);
  }
  assert.deepEqual(await receive(QueueUrl, { WaitTimeSeconds: 0 }), []);
  return messages;
};

const bodies = (messages) => messages.map((message) => message.Body);

const event = (Message, kind, price) => ({
  Message,
  Subject: "news",
  MessageAttributes: {
    kind: { DataType: "String", StringValue: kind },
    price: { DataType: "Number", StringValue: `${price}` },
  },
});

const subscribe = (TopicArn, Endpoint, policy, Attributes = {}) =>
  sns.subscribe({
    TopicArn,
    Protocol: "sqs",
    Endpoint,
    Attributes: policy ? { ...Attributes, FilterPolicy: JSON.stringify(policy) } : Attributes,
  });

/** Runs a consumer until it has handled so many messages and has forgotten none. */
const consume = async (options, count) => {
  const handled = [];
  const consumer = Consumer.create({ sqs, waitTimeSeconds: 1, ...options(handled) });
  const failures = [];
  consumer.on("error", (error) => failures.push(error));
  await new Promise((resolve) => {
    // Before it polls again, so that what it handled is deleted.
    consumer.on("response_processed", () => handled.length >= count && resolve());
    consumer.on("error", resolve);
    consumer.start();
  });
  const stopped = once(consumer, "stopped");
  consumer.stop();
  await stopped;
  assert.deepEqual(failures, []);
  return handled;
};

const steps = {
  async strangers() {
    const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
    const credentials = { accessKeyId, secretAccessKey: "guessed" };
    const refused = { name: "SignatureDoesNotMatch" };
    await assert.rejects(new SQS({ ...connection, credentials }).listQueues({}), refused);
    await assert.rejects(new SNS({ ...connection, credentials }).listTopics({}), refused);
  },

  async FIFO() {
    const { QueueUrl } = await queue("orders.fifo", { FifoQueue: "true" });
    const send = (MessageGroupId, MessageBody) =>
      sqs.sendMessage({
        QueueUrl,
        MessageBody,
        MessageGroupId,
        MessageDeduplicationId: MessageBody,
      });
    const first = await send("a", "a1");
    const again = await send("a", "a1");
    assert.equal(again.MessageId, first.MessageId);
    assert.equal(again.SequenceNumber, first.SequenceNumber);
    assert.ok((await send("a", "a2")).SequenceNumber > first.SequenceNumber);
    await send("b", "b1");

    const [head] = await receive(QueueUrl, { MaxNumberOfMessages: 1 });
    assert.equal(head.Body, "a1");
    assert.equal(head.Attributes.MessageGroupId, "a");
    assert.equal(head.Attributes.MessageDeduplicationId, "a1");
    const others = await receive(QueueUrl);
    assert.deepEqual(bodies(others), ["b1"], "a group waits for its message in flight");
    await sqs.deleteMessageBatch({ QueueUrl, Entries: handles([head, ...others]) });
    assert.deepEqual(bodies(await drain(QueueUrl, 1)), ["a2"]);
  },

  async batches() {
    const { QueueUrl } = await queue("ten.fifo", {
      FifoQueue: "true",
      ContentBasedDeduplication: "true",
    });
    const texts = Array.from({ length: 10 }, (_, i) => `body ${i}`);
    const sent = await sqs.sendMessageBatch({
      QueueUrl,
      Entries: texts.map((MessageBody, i) => ({
        Id: `${i}`,
        MessageBody,
        MessageGroupId: "g",
      })),
    });
    assert.equal(sent.Successful.length, 10);
    const received = await receive(QueueUrl);
    assert.deepEqual(bodies(received), texts);
    const changed = await sqs.changeMessageVisibilityBatch({
      QueueUrl,
      Entries: handles(received, { VisibilityTimeout: 0 }),
    });
    assert.equal(changed.Successful.length, 10);
    assert.deepEqual(bodies(await drain(QueueUrl, 10)), texts);
  },

  async "dead letters and back"() {
    const dead = await queue("dead");
    const policy = { deadLetterTargetArn: dead.arn, maxReceiveCount: 1 };
    const work = await queue("work", { RedrivePolicy: JSON.stringify(policy) });
    const sources = await sqs.listDeadLetterSourceQueues({ QueueUrl: dead.QueueUrl });
    assert.deepEqual(sources.queueUrls, [work.QueueUrl]);
    const texts = ["poison 0", "poison 1", "poison 2"];
    for (const MessageBody of texts) {
      await sqs.sendMessage({ QueueUrl: work.QueueUrl, MessageBody });
    }
    const release = async ({ QueueUrl }) => {
      const messages = await receive(QueueUrl);
      assert.deepEqual(bodies(messages).sort(), texts);
      const Entries = handles(messages, { VisibilityTimeout: 0 });
      await sqs.changeMessageVisibilityBatch({ QueueUrl, Entries });
      return messages;
    };
    await release(work);
    const [letter] = await release(dead);
    assert.equal(letter.Attributes.DeadLetterQueueSourceArn, work.arn);

    const SourceArn = dead.arn;
    assert.ok((await sqs.startMessageMoveTask({ SourceArn })).TaskHandle);
    const end = Date.now() + MOVE_MILLIS_MAX;
    let task;
    do {
      assert.ok(Date.now() < end, `it still moves: ${JSON.stringify(task)}`);
      [task] = (await sqs.listMessageMoveTasks({ SourceArn })).Results;
    } while (task.Status === "RUNNING");
    assert.equal(task.Status, "COMPLETED");
    assert.equal(task.ApproximateNumberOfMessagesMoved, 3);
    assert.deepEqual(bodies(await drain(work.QueueUrl, 3)).sort(), texts);
    assert.deepEqual(await receive(dead.QueueUrl, { WaitTimeSeconds: 0 }), []);
  },

  async "fan-out with filters"() {
    const { TopicArn } = await sns.createTopic({ Name: `${prefix}-events` });
    const raw = await queue("raw");
    const wrapped = await queue("wrapped");
    await subscribe(TopicArn, raw.arn, { kind: ["paid"] }, { RawMessageDelivery: "true" });
    await subscribe(TopicArn, wrapped.arn, { price: [{ numeric: [">=", 100] }] });
    const { Subscriptions } = await sns.listSubscriptionsByTopic({ TopicArn });
    assert.deepEqual(Subscriptions.map((s) => s.Endpoint).sort(), [raw.arn, wrapped.arn].sort());

    const one = event("one", "paid", 10);
    await sns.publish({ TopicArn, ...one });
    const published = await sns.publishBatch({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: "2", ...event("two", "sent", 250) },
        { Id: "3", ...event("three", "lost", 20) },
      ],
    });
    assert.equal(published.Successful.length, 2);

    const [text] = await drain(raw.QueueUrl, 1);
    assert.equal(text.Body, "one");
    assert.equal(text.MessageAttributes.price.StringValue, "10");
    const letter = JSON.parse((await drain(wrapped.QueueUrl, 1))[0].Body);
    assert.equal(letter.Type, "Notification");
    assert.equal(letter.TopicArn, TopicArn);
    assert.equal(letter.Message, "two");
    assert.equal(letter.Subject, "news");
    assert.deepEqual(letter.MessageAttributes.price, { Type: "Number", Value: "250" });
  },

  async "fan-out in order"() {
    const { TopicArn } = await sns.createTopic({
      Name: `${prefix}-ledger.fifo`,
      Attributes: { FifoTopic: "true" },
    });
    const queues = [];
    for (const name of ["ledger-0.fifo", "ledger-1.fifo"]) {
      const made = await queue(name, { FifoQueue: "true" });
      await subscribe(TopicArn, made.arn, null, { RawMessageDelivery: "true" });
      queues.push(made.QueueUrl);
    }
    for (const Message of ["1", "2", "2", "3"]) {
      await sns.publish({
        TopicArn,
        Message,
        MessageGroupId: "g",
        MessageDeduplicationId: Message,
      });
    }
    for (const url of queues) assert.deepEqual(bodies(await drain(url, 3)), ["1", "2", "3"]);
  },

  async "sqs-consumer, one by one and in order"() {
    const { QueueUrl } = await queue("steps.fifo", {
      FifoQueue: "true",
      ContentBasedDeduplication: "true",
    });
    const texts = Array.from({ length: 12 }, (_, i) => `step ${i}`);
    for (const MessageBody of texts) {
      await sqs.sendMessage({ QueueUrl, MessageBody, MessageGroupId: "g" });
    }
    const handled = await consume(
      (done) => ({
        queueUrl: QueueUrl,
        suppressFifoWarning: true,
        async handleMessage(message) {
          done.push(message.Body);
          return message;
        },
      }),
      texts.length,
    );
    assert.deepEqual(handled, texts);
    assert.deepEqual(await receive(QueueUrl, { WaitTimeSeconds: 0 }), []);
  },

  async "sqs-consumer, ten at once, with dead letters"() {
    const dead = await queue("consumer-dead");
    const policy = { deadLetterTargetArn: dead.arn, maxReceiveCount: 2 };
    const work = await queue("consumer-work", { RedrivePolicy: JSON.stringify(policy) });
    const texts = Array.from({ length: 10 }, (_, i) => `job ${i}`);
    await sqs.sendMessageBatch({
      QueueUrl: work.QueueUrl,
      Entries: texts.map((MessageBody, i) => ({ Id: `${i}`, MessageBody })),
    });
    const attempts = await consume(
      (seen) => ({
        queueUrl: work.QueueUrl,
        batchSize: 10,
        // What it does not acknowledge comes again after this many seconds.
        visibilityTimeout: 1,
        messageSystemAttributeNames: ["ApproximateReceiveCount"],
        async handleMessageBatch(messages) {
          seen.push(...bodies(messages));
          return messages.filter((message) => message.Body !== "job 7");
        },
      }),
      texts.length + 1,
    );
    assert.deepEqual(attempts.sort(), [...texts, "job 7"].sort());
    assert.deepEqual(bodies(await drain(dead.QueueUrl, 1)), ["job 7"]);
  },
};

const versions = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
console.log(`${versions.join(", ")}, Node ${process.version}, ${endpoint.split(":")[0]}`);
for (const [name, step] of Object.entries(steps)) {
  console.log(`  ${name}`);
  await step();
}
sqs.destroy();
sns.destroy();
