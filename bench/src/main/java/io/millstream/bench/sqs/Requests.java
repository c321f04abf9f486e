package io.millstream.bench.sqs;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The bytes of SQS requests in AWS's JSON protocol, unsigned.
final class Requests {
    private final int port;

    Requests(int port) {
        this.port = port;
    }

    byte[] createQueue(String name) {
        return request("CreateQueue", "{\"QueueName\":\"" + name + "\"}");
    }

    byte[] deleteQueue(String url) {
        return request("DeleteQueue", "{\"QueueUrl\":\"" + url + "\"}");
    }

    byte[] send(String url, int bytes) {
        return request(
                "SendMessage",
                "{\"QueueUrl\":\"" + url + "\",\"MessageBody\":\"" + body(bytes) + "\"}");
    }

    byte[] sendBatch(String url, int bytes, int messages) {
        String entries =
                IntStream.range(0, messages)
                        .mapToObj(i ->
                                "{\"Id\":\"" + i + "\",\"MessageBody\":\"" + body(bytes) + "\"}")
                        .collect(Collectors.joining(","));
        return request(
                "SendMessageBatch", "{\"QueueUrl\":\"" + url + "\",\"Entries\":[" + entries + "]}");
    }

    byte[] receive(String url) {
        return request(
                "ReceiveMessage",
                "{\"QueueUrl\":\"" + url + "\",\"MaxNumberOfMessages\":1,\"WaitTimeSeconds\":0}");
    }

    /// Deletes what was received; the handle is as it stood in the JSON of the answer.
    byte[] delete(String url, String handle) {
        return request(
                "DeleteMessage",
                "{\"QueueUrl\":\"" + url + "\",\"ReceiptHandle\":\"" + handle + "\"}");
    }

    /// Asks a server of ours for its figures.
    static byte[] metrics(int port) {
        return ("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String body(int bytes) {
        return "abcdefghijklmnopqrstuvwxyz012345".repeat(bytes / 32 + 1).substring(0, bytes);
    }

    private byte[] request(String action, String json) {
        String head =
                "POST / HTTP/1.1\r\nHost: 127.0.0.1:"
                        + port
                        + "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AmazonSQS."
                        + action
                        + "\r\nContent-Length: "
                        + json.length()
                        + "\r\n\r\n";
        return (head + json).getBytes(StandardCharsets.US_ASCII);
    }
}
