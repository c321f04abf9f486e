package io.millstream.server.work;

import io.millstream.api.Message;
import io.millstream.jobs.JobDecider;
import io.millstream.server.config.ConfigException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/// `millstream push QUEUE URL`
public final class PushRun {
    /// As it is typed.
    public static final String NAME = "push";

    private static final String TIMEOUT = "--timeout";
    private static final String BATCH = "--batch";
    private static final String WINDOW = "--window";
    private static final String HEADER = "--header";
    private static final String SECRET_FILE = "--secret-file";
    private static final String SECRET_VARIABLE = "MILLSTREAM_PUSH_SECRET";
    private static final int CONCURRENCY = 4;
    private static final int CONCURRENCY_MAX = 512;
    private static final int BATCH_MAX = 1000;
    private static final int MESSAGES_MAX = 10_000;
    private static final int SECRET_CHARS_MIN = 16;
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration USUAL_WINDOW = Duration.ofMillis(200);
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private final Around around;
    private final InstantSource clock;

    /// A run that finds this around it.
    public PushRun(Around around) {
        this(around, InstantSource.system());
    }

    PushRun(Around around, InstantSource clock) {
        this.around = around;
        this.clock = clock;
    }

    /// What can be typed.
    public static CommandSpec spec() {
        CommandSpec spec = CommandSpec.create().name(NAME);
        spec.usageMessage()
                .description(
                        "Does what is in a queue by an HTTP endpoint: a POST for each message, or"
                                + " for each batch of them.",
                        "",
                        "Status 2xx: done; 429 or 503 with Retry-After: later, and no attempt is"
                                + " used; any other, or no answer: failed.")
                .footer(
                        "",
                        "With a secret, in a file or in " + SECRET_VARIABLE + ", requests are",
                        "signed: Millstream-Signature is t=TIME,v1=HMAC-SHA256 of TIME.BODY.")
                .customSynopsis("millstream push QUEUE URL [OPTION...]")
                .sortOptions(false);
        spec.addPositional(positional("QUEUE", "0", "Whose messages."))
                .addPositional(positional("URL", "1", "Where they are posted to."))
                .addOption(
                        Typed.option(
                                Shift.CONCURRENCY,
                                "N",
                                "How many requests at once, 1 to 512. Default: 4"))
                .addOption(
                        Typed.option(
                                BATCH,
                                "N",
                                "Up to so many messages in a request, 1 to 1000. The answer may"
                                        + " name those that failed, as batchItemFailures."))
                .addOption(
                        Typed.option(
                                WINDOW,
                                "TIME",
                                "How long a batch waits to become full. Default: 200ms"))
                .addOption(
                        Typed.option(TIMEOUT, "TIME", "How long an answer may take. Default: 30s"))
                .addOption(
                        Typed.options(
                                HEADER,
                                "'NAME: VALUE'",
                                "A header of each request. May be given many times."))
                .addOption(
                        Typed.option(
                                SECRET_FILE,
                                "FILE",
                                "Sign requests with the first line of a file."));
        Shift.addOptions(spec);
        return spec;
    }

    private static PositionalParamSpec positional(String label, String index, String description) {
        return PositionalParamSpec.builder()
                .paramLabel(label)
                .type(String.class)
                .index(index)
                .arity("1")
                .required(true)
                .description(description)
                .build();
    }

    /// Blocks until it is told to stop.
    ///
    /// @return the status for the process to end with
    public int run(ParseResult line) {
        Typed typed = new Typed(line);
        Shift.Terms terms = Shift.terms(typed, around);
        URI address = Typed.address("URL", line.matchedPositionalValue(1, ""), "https://host/path");
        if (address.getRawUserInfo() != null) {
            throw new ConfigException(
                    "The URL has a user in it. Give it as a header: --header 'Authorization: ...'");
        }
        int requests = typed.number(Shift.CONCURRENCY, CONCURRENCY, 1, CONCURRENCY_MAX);
        int batch = typed.number(BATCH, 1, 1, BATCH_MAX);
        if (requests * batch > MESSAGES_MAX) {
            throw new ConfigException(
                    "%s times %s is at most %d, not %d."
                            .formatted(Shift.CONCURRENCY, BATCH, MESSAGES_MAX, requests * batch));
        }
        Duration window = typed.time(WINDOW, USUAL_WINDOW, Duration.ZERO);
        Duration timeout = typed.time(TIMEOUT, USUAL_TIMEOUT, SHORTEST);
        Endpoint.Plan plan =
                new Endpoint.Plan(
                        address,
                        List.copyOf(typed.texts(HEADER)),
                        timeout,
                        "millstream/" + around.version().replaceAll("[^A-Za-z0-9.-]", ""));
        try (Endpoint endpoint = new Endpoint(plan, Signer.of(secret(typed)), clock)) {
            boolean isBatched = typed.has(BATCH);
            JobDecider<Message, JsonNode> decider =
                    isBatched
                            ? new Batches(
                                    endpoint,
                                    clock,
                                    new Batches.Plan(terms.queue(), batch, window, requests))
                            : new PushDecider(endpoint, clock);
            // The request's own time is the one that counts; before it, a batch may have to wait
            // for its window and for one or two that are under way.
            Duration longest = window.plus(timeout.multipliedBy(4)).plusSeconds(10);
            return new Shift(around, terms)
                    .run(
                            (workers, types) ->
                                    Every.of(
                                            workers.concurrency(requests * batch),
                                            types,
                                            longest,
                                            decider),
                            "Posts to %s, %d requests at once%s"
                                    .formatted(
                                            address.getHost(),
                                            requests,
                                            isBatched ? " of up to " + batch + " messages" : ""));
        }
    }

    private @Nullable String secret(Typed typed) {
        if (typed.has(SECRET_FILE)) {
            Path file = around.workingDirectory().resolve(typed.text(SECRET_FILE, ""));
            try (Stream<String> lines = Files.lines(file)) {
                return checked(lines.findFirst().orElse("").strip(), file.toString());
            } catch (IOException | UncheckedIOException _) {
                throw new ConfigException(
                        "%s cannot be read as text. Look at its path and rights.".formatted(file));
            }
        }
        String given = around.environment().get(SECRET_VARIABLE);
        return given == null ? null : checked(given, SECRET_VARIABLE);
    }

    private static String checked(String secret, String from) {
        if (secret.length() < SECRET_CHARS_MIN) {
            throw new ConfigException(
                    "The secret in %s is shorter than %d characters, and could be guessed. Make one"
                                    .formatted(from, SECRET_CHARS_MIN)
                            + " with: openssl rand -hex 32");
        }
        return secret;
    }
}
