package io.millstream.protocols.aws.push;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/// One attempt to have an endpoint take a parcel, on an event loop. Redirects are not followed: the
/// endpoint has confirmed for itself and for nobody else.
final class Post {
    private static final int ANSWER_BYTES_MAX = 64 << 10;
    private static final int KEEP_SECONDS = 4;
    private static final int TOO_MANY_REQUESTS = 429;

    private final Vertx vertx;
    private final Promise<Result> end = Promise.promise();
    private final long timer;
    private @Nullable HttpClientRequest request;
    private @Nullable Result answer;
    private int answerBytes;

    /// How it ended.
    ///
    /// @param status of the answer, or 0 if there was none
    /// @param words for a person
    record Result(int status, String words) {
        boolean isTaken() {
            return status >= 200 && status < 300;
        }

        /// Whether another attempt may end otherwise.
        boolean mayPass() {
            return status == 0 || status >= 500 || status == TOO_MANY_REQUESTS;
        }
    }

    /// What posts to all endpoints.
    static HttpClient client(Vertx vertx, PushLimits limits) {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setConnectTimeout(limits.connectMillis())
                        .setKeepAliveTimeout(KEEP_SECONDS)
                        .setMaxHeaderSize(ANSWER_BYTES_MAX)
                        .setDecompressionSupported(false);
        limits.trust()
                .ifPresent(file ->
                        options.setTrustOptions(
                                new PemTrustOptions().addCertPath(file.toString())));
        // All endpoints may have the same host. Nobody waits here: turns are what bounds posts, and
        // a post keeps its turn for as long as it keeps its connection.
        PoolOptions pool =
                new PoolOptions()
                        .setHttp1MaxSize(limits.posts(PushLimits.ENDPOINTS_MAX))
                        .setMaxWaitQueueSize(-1);
        return vertx.createHttpClient(options, pool);
    }

    private Post(Vertx vertx, long millis) {
        this.vertx = vertx;
        this.timer =
                vertx.setTimer(
                        millis, _ -> fail("The endpoint did not answer within " + millis + " ms."));
    }

    /// Posts. The future never fails; it completes when the connection is free again.
    static Future<Result> send(
            Vertx vertx, HttpClient client, PushLimits limits, Endpoint endpoint, Parcel parcel) {
        Post post = new Post(vertx, limits.postMillis());
        post.begin(client, endpoint, parcel);
        return post.end.future();
    }

    private void begin(HttpClient client, Endpoint endpoint, Parcel parcel) {
        RequestOptions options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setAbsoluteURI(endpoint.url())
                        .setFollowRedirects(false);
        parcel.headers().forEach(options::addHeader);
        String authorization = endpoint.authorization();
        if (authorization != null) {
            options.addHeader(HttpHeaders.AUTHORIZATION, authorization);
        }
        client.request(options)
                .compose(begun -> {
                    request = begun;
                    if (end.future().isComplete()) {
                        // Too late: its connection serves others.
                        begun.reset();
                        return Future.failedFuture("It took too long to reach the endpoint.");
                    }
                    return begun.send(Buffer.buffer(parcel.body()));
                })
                .onSuccess(this::answered)
                .onFailure(failure -> fail("The endpoint could not be reached: " + words(failure)));
    }

    private static String words(Throwable failure) {
        return Objects.requireNonNullElse(failure.getMessage(), failure.toString());
    }

    /// The status decides. The body is read for the sake of the connection, and not far.
    private void answered(HttpClientResponse response) {
        int status = response.statusCode();
        answer = new Result(status, "The endpoint answered with HTTP status " + status + '.');
        response.exceptionHandler(failure -> fail(words(failure)));
        response.handler(chunk -> {
            answerBytes += chunk.length();
            if (answerBytes > ANSWER_BYTES_MAX) {
                fail("The endpoint's answer is too long.");
            }
        });
        response.endHandler(_ -> end("The answer has ended."));
    }

    private void fail(String words) {
        HttpClientRequest running = request;
        if (running != null) {
            running.reset();
        }
        end(words);
    }

    /// Ends as the endpoint has answered, or for this reason if it has not.
    private void end(String words) {
        vertx.cancelTimer(timer);
        end.tryComplete(Objects.requireNonNullElseGet(answer, () -> new Result(0, words)));
    }
}
