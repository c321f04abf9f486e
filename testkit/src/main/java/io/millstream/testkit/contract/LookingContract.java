package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.ChannelName;
import io.millstream.api.Feature;
import io.millstream.api.Found;
import io.millstream.api.Message;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Set;

/// Whatever is looked at is seen or refused by name: what is not supported never looks empty.
public abstract class LookingContract extends BackendContract {
    private static final ChannelName ABSENT = ChannelName.of("absent");

    /// One of each kind.
    private static final List<Query<?>> LOOKS =
            List.of(
                    new Query.Queues("/", "", null, 10),
                    new Query.QueueNamed(ABSENT),
                    new Query.Topics("/", "", null, 10),
                    new Query.TopicNamed(ABSENT),
                    new Query.Cursors(ABSENT, "", null, 10),
                    new Query.Browse(ABSENT, 0, null, 10),
                    new Query.Delayed(ABSENT, 0, null, 10),
                    new Query.Rows("absent", "", null, 10),
                    new Query.Exchanges("/", "", null, 10),
                    new Query.ExchangeNamed(ABSENT),
                    new Query.Bindings("/", null, null, null, 10),
                    new Query.Route(ABSENT, "", Message.of("")));

    @Test
    void each_kind_of_look_is_tried() {
        assertThat(LOOKS)
                .extracting(Object::getClass)
                .containsExactlyInAnyOrder(Query.class.getPermittedSubclasses());
    }

    private boolean isSupported(Query<?> look) {
        return Feature.askedBy(look).stream().allMatch(backend().capabilities()::has);
    }

    @Test
    void a_look_at_what_is_supported_and_empty_is_an_empty_page() {
        for (Query<?> look : LOOKS) {
            if (!isSupported(look)) continue;
            Found<?> found = await(backend().find(look));

            assertThat(found).as("%s", look).isInstanceOf(Page.class);
            assertThat(found.page().items()).as("%s", look).isEmpty();
            assertThat(found.asOf()).isEqualTo(now());
        }
    }

    @Test
    void a_look_at_what_is_not_supported_is_refused_by_name() {
        for (Query<?> look : LOOKS) {
            if (isSupported(look)) continue;
            Found<?> found = await(backend().find(look));

            assertThat(found).as("%s", look).isInstanceOf(Found.Refused.class);
            assertThat(found.asOf()).isEqualTo(now());
            assertLacks(((Found.Refused<?>) found).refusal(), Feature.askedBy(look));
            assertThatThrownBy(found::page)
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertLacks(refused.refusal(), Feature.askedBy(look)));
        }
    }

    private void assertLacks(Refusal refusal, Set<Feature> asked) {
        assertThat(refusal).isInstanceOf(Refusal.NotSupported.class);
        Feature lacking = ((Refusal.NotSupported) refusal).feature();
        assertThat(asked).contains(lacking);
        assertThat(backend().capabilities().has(lacking)).isFalse();
        assertThat(refusal.text()).contains(lacking.words(), lacking.instead());
    }
}
