package io.millstream.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.millstream.Millstream;
import io.millstream.api.Groups;
import io.millstream.api.Limits;
import io.millstream.api.MillstreamException;
import io.millstream.api.Rate;
import io.millstream.jobs.JobOutcome;
import io.millstream.jobs.JobRef;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Retry;
import io.millstream.jobs.Unique;
import io.millstream.jobs.schedule.Cron;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

@MillstreamTest
class JobTestTest {
    private record Mail(String to) {}

    private static final JobType<Mail, String> MAIL =
            JobType.of("mail", Mail.class, String.class)
                    .with(options -> options.queue("mail").retry(Retry.exponential().attempts(3)));
    private static final JobType<Mail, Void> REPORT = JobType.of("report", Mail.class);

    private static final Duration SOON = Duration.ofSeconds(10);

    private final List<String> sent = Collections.synchronizedList(new ArrayList<>());
    private final JobTest test;
    private final Jobs jobs;

    JobTestTest(JobTest test) {
        this.test = test;
        this.jobs = test.jobs();
    }

    private void sendMails() {
        test.workers(all ->
                all.workers("mail")
                        .handle(
                                MAIL,
                                (mail, _) -> {
                                    sent.add(mail.to());
                                    return "sent to " + mail.to();
                                }));
    }

    @Test
    void nothing_is_done_until_the_test_says_so() {
        sendMails();
        JobRef<String> ref = jobs.enqueue(MAIL, new Mail("ann"));
        assertThat(sent).isEmpty();

        Drained drained = test.drain().assertAllDone();

        assertThat(drained.done()).isOne();
        assertThat(drained.of(MAIL).attempts().getFirst().id()).isEqualTo(ref.id());
        assertThat(drained.of(REPORT).attempts()).isEmpty();
        assertThat(ref.await(SOON)).isEqualTo("sent to ann");
        jobs.enqueue(MAIL, new Mail("bob"));
        assertThat(sent).containsExactly("ann");
    }

    @RepeatedTest(20)
    void all_that_follows_from_a_job_is_done_with_it() {
        test.workers(all ->
                all.workers("jobs")
                        .run(
                                REPORT,
                                (report, _) -> {
                                    for (int i = 0; i < 50; i++) {
                                        jobs.enqueue(MAIL, new Mail(report.to() + i));
                                    }
                                }));
        sendMails();
        jobs.enqueue(REPORT, new Mail("a"));
        jobs.enqueue(REPORT, new Mail("b"));

        assertThat(test.drain().assertAllDone().done()).isEqualTo(102);
        assertThat(sent).hasSize(100).doesNotHaveDuplicates();
        assertThat(test.drain().attempts()).isEmpty();
    }

    @Test
    void a_failed_attempt_is_tried_again_when_its_time_has_come() {
        List<Integer> attempts = new ArrayList<>();
        test.workers(all ->
                all.workers("mail")
                        .handle(
                                MAIL,
                                (_, context) -> {
                                    attempts.add(context.attempt());
                                    if (context.attempt() < 3) {
                                        throw new IllegalStateException("busy");
                                    }
                                    return "sent";
                                }));
        jobs.enqueue(MAIL, new Mail("ann"));

        Drained first = test.drain();
        assertThat(first.failed()).isOne();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(first::assertAllDone)
                .withMessageContaining("mail {\"to\":\"ann\"}, attempt 1: failed, is tried again");

        Drained later = test.advance(Duration.ofHours(3));
        assertThat(attempts).containsExactly(1, 2, 3);
        assertThat(later.failed()).isOne();
        assertThat(later.done()).isOne();
    }

    @Test
    void a_job_that_dies_says_of_what() {
        JobType<Mail, Void> once = REPORT.with(options -> options.retry(Retry.never()));
        test.workers(all ->
                all.workers("jobs")
                        .run(
                                once,
                                (mail, _) -> {
                                    throw new IllegalArgumentException(
                                            "no such user: " + mail.to());
                                }));
        jobs.enqueue(once, new Mail("ann"));

        JobAttempt attempt = test.drain().attempts().getFirst();

        assertThat(attempt.end())
                .isInstanceOfSatisfying(
                        JobAttempt.Dead.class,
                        dead -> {
                            assertThat(dead.reason()).contains("no such user: ann");
                            assertThat(dead.stack()).contains("JobTestTest");
                        });
        assertThat(jobs.dead().kinds()).hasSize(1);
    }

    @Test
    void a_job_that_snoozes_uses_no_attempt(MillstreamClock clock) {
        Instant open = clock.instant().plus(Duration.ofDays(2));
        test.workers(all ->
                all.workers("mail")
                        .decide(
                                MAIL,
                                (mail, context) ->
                                        clock.instant().isBefore(open)
                                                ? JobOutcome.snooze(Duration.ofHours(5))
                                                : JobOutcome.done("attempt " + context.attempt())));
        JobRef<String> ref =
                jobs.enqueue(
                        MAIL, new Mail("ann"), options -> options.keepResult(Duration.ofDays(9)));

        Drained drained = test.advance(Duration.ofDays(3));

        assertThat(drained.attempts()).hasSize(11);
        assertThat(ref.await(SOON)).isEqualTo("attempt 1");
    }

    @Test
    void delayed_jobs_are_done_at_their_times_and_not_before(MillstreamClock clock) {
        List<Duration> begun = new ArrayList<>();
        Instant start = clock.instant();
        test.workers(all ->
                all.workers("mail")
                        .handle(
                                MAIL,
                                (mail, _) -> {
                                    begun.add(Duration.between(start, clock.instant()));
                                    if (begun.size() < 4) {
                                        jobs.enqueue(
                                                MAIL,
                                                mail,
                                                options -> options.delay(Duration.ofHours(1)));
                                    }
                                    return "";
                                }));
        jobs.enqueue(MAIL, new Mail("ann"), options -> options.delay(Duration.ofMinutes(30)));

        assertThat(test.advance(Duration.ofMinutes(29)).attempts()).isEmpty();
        assertThat(test.advance(Duration.ofDays(1)).done()).isEqualTo(4);

        assertThat(begun)
                .containsExactly(
                        Duration.ofMinutes(30),
                        Duration.ofMinutes(90),
                        Duration.ofMinutes(150),
                        Duration.ofMinutes(210));
        assertThat(clock.instant()).isEqualTo(start.plus(Duration.ofMinutes(29 + 24 * 60)));
    }

    @RepeatedTest(5)
    void schedules_are_fired_at_each_of_their_times(MillstreamClock clock) {
        List<Instant> begun = new ArrayList<>();
        test.workers(all -> all.workers("jobs").run(REPORT, (_, _) -> begun.add(clock.instant())));
        jobs.schedules()
                .declare("nightly", Cron.of("0 3 * * *").zone("UTC"), REPORT, new Mail("all"));

        assertThat(test.drain().attempts()).isEmpty();
        assertThat(test.advance(Duration.ofDays(3)).done()).isEqualTo(3);

        assertThat(begun)
                .containsExactly(
                        Instant.parse("2026-01-01T03:00:00Z"),
                        Instant.parse("2026-01-02T03:00:00Z"),
                        Instant.parse("2026-01-03T03:00:00Z"));
    }

    @Test
    void a_job_that_nobody_starts_in_time_expires() {
        test.workers(all -> all.workers("jobs").run(REPORT, (_, _) -> {}));
        jobs.enqueue(MAIL, new Mail("ann"), options -> options.startWithin(Duration.ofMinutes(5)));

        assertThat(test.advance(Duration.ofMinutes(4)).attempts()).isEmpty();
        Drained drained = test.advance(Duration.ofMinutes(2));

        assertThat(drained.expired()).isOne();
        assertThat(test.enqueued(MAIL)).isEmpty();
    }

    @Test
    void debounced_jobs_are_done_once_with_what_was_said_last() {
        sendMails();
        JobType<Mail, String> quiet =
                MAIL.uniqueBy(_ -> "one")
                        .with(options ->
                                options.unique(
                                        Unique.debounced(
                                                Duration.ofSeconds(10), Duration.ofMinutes(1))));
        jobs.enqueue(quiet, new Mail("first"));
        jobs.enqueue(quiet, new Mail("last"));

        assertThat(test.advance(Duration.ofSeconds(9)).attempts()).isEmpty();
        assertThat(test.advance(Duration.ofSeconds(2)).done()).isOne();
        assertThat(sent).containsExactly("last");
    }

    @Test
    void a_rate_lets_jobs_begin_as_time_passes() {
        jobs.declare(
                "mail",
                queue -> queue.limits(Limits.NONE.withRate(Rate.of(1, Duration.ofSeconds(1)))));
        sendMails();
        IntStream.range(0, 10).forEach(i -> jobs.enqueue(MAIL, new Mail("" + i)));

        int atOnce = test.drain().done();
        int inFive = test.advance(Duration.ofSeconds(5)).done();

        assertThat(atOnce).isBetween(1, 2);
        assertThat(inFive).isEqualTo(5);
        assertThat(test.advance(Duration.ofSeconds(20)).done()).isEqualTo(10 - atOnce - inFive);
    }

    @Test
    void jobs_of_a_key_keep_their_order() {
        jobs.declare("mail", queue -> queue.groups(Groups.FAIR_ORDERED));
        sendMails();
        JobType<Mail, String> ordered = MAIL.key(_ -> "one");
        IntStream.range(0, 30).forEach(i -> jobs.enqueue(ordered, new Mail("" + i)));

        test.drain().assertAllDone();

        assertThat(sent).isEqualTo(IntStream.range(0, 30).mapToObj(i -> "" + i).toList());
    }

    @Test
    void inline_jobs_are_done_before_enqueue_returns() {
        test.workers(
                all -> all.workers("jobs").run(REPORT, (report, _) -> jobs.enqueue(MAIL, report)));
        sendMails();
        test.inline();

        jobs.enqueue(REPORT, new Mail("ann"));
        assertThat(sent).containsExactly("ann");
        assertThat(jobs.enqueue(MAIL, new Mail("bob")).await(SOON)).isEqualTo("sent to bob");

        assertThat(test.drain().assertAllDone().done()).isEqualTo(3);
    }

    @Test
    void what_waits_can_be_asked_for() {
        jobs.enqueue(MAIL, new Mail("ann"));
        jobs.enqueue(MAIL, new Mail("bob"), options -> options.delay(Duration.ofHours(1)));

        Enqueued<Mail> bob = test.assertEnqueued(MAIL, mail -> mail.to().equals("bob"));

        assertThat(bob.due()).isEqualTo(Instant.parse("2026-01-01T01:00:00Z"));
        assertThat(bob.queue()).isEqualTo("mail");
        assertThat(test.enqueued(MAIL))
                .extracting(job -> job.payload().to())
                .containsExactly("ann", "bob");
        test.assertNotEnqueued(MAIL, mail -> mail.to().equals("eve"));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> test.assertNotEnqueued(MAIL, mail -> mail.to().equals("ann")));
    }

    @Test
    void what_is_missing_is_told_with_what_is_there() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> test.assertEnqueued(MAIL))
                .withMessageContaining("Nothing waits at all");
        jobs.enqueue(REPORT, new Mail("all"));
        jobs.enqueue(MAIL, new Mail("ann"));

        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> test.assertEnqueued(MAIL, mail -> mail.to().equals("bob")))
                .withMessage(
                        """
                        No job of mail waits that is given what was asked for; 1 do. What waits:
                          report {"to":"all"} in jobs, ready
                          mail {"to":"ann"} in mail, ready\
                        """);
    }

    @Test
    void jobs_outlive_a_power_cut(Faults faults) {
        sendMails();
        jobs.enqueue(MAIL, new Mail("ann"));
        faults.crash();
        assertThat(test.drain().assertAllDone().done()).isOne();

        faults.crash();
        jobs.enqueue(MAIL, new Mail("bob"));
        assertThat(test.drain().assertAllDone().done()).isOne();
        assertThat(sent).containsExactly("ann", "bob");
    }

    @Test
    void jobs_that_others_submit_are_done_too(Millstream millstream) {
        sendMails();
        try (Jobs others = Jobs.over(millstream)) {
            others.enqueue(MAIL, new Mail("ann"));
            test.drain().assertAllDone();
        }
        assertThat(sent).containsExactly("ann");
    }

    @Test
    void a_queue_that_is_paused_waits() {
        sendMails();
        jobs.enqueue(MAIL, new Mail("ann"));
        jobs.pause("mail");
        assertThat(test.advance(Duration.ofHours(1)).attempts()).isEmpty();

        jobs.resume("mail");
        assertThat(test.drain().done()).isOne();
    }

    @MillstreamTest(patienceMillis = 300)
    static class Hasty {
        @Test
        void a_handler_that_does_not_end_is_named(JobTest test) {
            CountDownLatch never = new CountDownLatch(1);
            test.workers(all -> all.workers("jobs").run(REPORT, (_, _) -> never.await()));
            test.jobs().enqueue(REPORT, new Mail("ann"));

            assertThatExceptionOfType(MillstreamException.class)
                    .isThrownBy(test::drain)
                    .withMessageContaining("(report) of queue jobs is still being done");
        }
    }
}
