import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sends messages of 1 KB to 900 KB over SQS from many threads, receives and deletes some, and says
/// how it went: `java packaging/Load.java ENDPOINT SECONDS`. Being refused as busy is in order;
/// being hung up on is not.
class Load {
    private static final int THREADS = 24;
    private static final int[] BYTES = {1 << 10, 16 << 10, 200 << 10, 900 << 10};
    private static final Pattern RECEIPT = Pattern.compile("\"ReceiptHandle\":\"([^\"]+)\"");

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final URI endpoint;
    private final String queue;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong busy = new AtomicLong();
    private final AtomicLong deleted = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();

    Load(String endpoint) {
        this.endpoint = URI.create(endpoint + "/");
        this.queue = endpoint + "/000000000000/load";
    }

    public static void main(String[] arguments) throws Exception {
        Load load = new Load(arguments[0]);
        load.post("CreateQueue", "{\"QueueName\":\"load\"}");
        long end = System.nanoTime() + Duration.ofSeconds(Long.parseLong(arguments[1])).toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            threads.add(Thread.ofPlatform().start(() -> load.work(number, end)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.printf(
                "  sent %d (%d MiB), busy %d, deleted %d, wrong %d%n",
                load.sent.get(),
                load.bytes.get() >> 20,
                load.busy.get(),
                load.deleted.get(),
                load.wrong.get());
        System.exit(load.wrong.get() == 0 && load.sent.get() > 0 ? 0 : 1);
    }

    private void work(int number, long end) {
        while (System.nanoTime() < end) {
            try {
                if (number % 3 == 0) {
                    receive();
                } else {
                    send(BYTES[ThreadLocalRandom.current().nextInt(BYTES.length)]);
                }
            } catch (IOException failed) {
                System.out.println("  " + failed);
                wrong.incrementAndGet();
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    private void send(int length) throws IOException, InterruptedException {
        String body = "x".repeat(length);
        var answer =
                post(
                        "SendMessage",
                        "{\"QueueUrl\":\"" + queue + "\",\"MessageBody\":\"" + body + "\"}");
        if (answer.statusCode() == 200) {
            sent.incrementAndGet();
            bytes.addAndGet(length);
        } else if (answer.statusCode() == 503) {
            busy.incrementAndGet();
        } else {
            System.out.println("  " + answer.statusCode() + " " + answer.body());
            wrong.incrementAndGet();
        }
    }

    private void receive() throws IOException, InterruptedException {
        var answer =
                post(
                        "ReceiveMessage",
                        "{\"QueueUrl\":\"" + queue + "\",\"MaxNumberOfMessages\":10}");
        Matcher receipts = RECEIPT.matcher(answer.body());
        while (receipts.find()) {
            post(
                    "DeleteMessage",
                    "{\"QueueUrl\":\""
                            + queue
                            + "\",\"ReceiptHandle\":\""
                            + receipts.group(1)
                            + "\"}");
            deleted.incrementAndGet();
        }
    }

    private HttpResponse<String> post(String action, String json)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(endpoint)
                        .timeout(Duration.ofSeconds(60))
                        .header("Content-Type", "application/x-amz-json-1.0")
                        .header("X-Amz-Target", "AmazonSQS." + action)
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build();
        return http.send(request, BodyHandlers.ofString());
    }
}
