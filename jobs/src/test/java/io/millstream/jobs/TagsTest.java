package io.millstream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.stream.IntStream;

@ParameterizedClass
@EnumSource(Store.class)
class TagsTest extends JobsFixture {
    TagsTest(Store store) {
        super(store);
    }

    @Test
    void a_handler_sees_the_tags_of_its_job() {
        JobType<Order, String> tagged = CHARGE.with(job -> job.tags("b", "a", "b"));
        open(workers().handle(tagged, (_, context) -> "" + context.tags()).start());

        assertThat(jobs.enqueue(tagged, new Order(1, "a")).await(LONG)).isEqualTo("[a, b]");
        assertThat(jobs.enqueue(tagged, new Order(1, "a"), job -> job.tags()).await(LONG))
                .isEqualTo("[]");
    }

    @Test
    void tags_that_could_not_be_told_apart_are_refused() {
        for (String tag : List.of("", "a,b", "two words", "x".repeat(51), "\u00e4", "\n")) {
            assertThatThrownBy(() -> CHARGE.with(job -> job.tags(tag)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("A tag has 1 to 50 letters");
        }
    }

    @Test
    void more_tags_than_a_job_may_have_are_refused() {
        String[] many =
                IntStream.rangeClosed(0, JobOptions.TAGS_MAX)
                        .mapToObj(number -> "t" + number)
                        .toArray(String[]::new);

        assertThatThrownBy(() -> CHARGE.with(job -> job.tags(many)))
                .hasMessage("A job has 16 tags at most, not 17");
    }
}
