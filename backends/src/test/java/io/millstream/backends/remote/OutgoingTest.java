package io.millstream.backends.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.SessionSpec;
import io.millstream.wire.Ask;
import io.millstream.wire.Forms;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;

class OutgoingTest {
    private final Outgoing outgoing = new Outgoing();
    private final SessionWork session = new SessionWork(1, SessionSpec.of("test"));

    private static Letter commit(long id, long session) {
        byte[] json = "{\"operations\":[]}".getBytes(StandardCharsets.UTF_8);
        return Letter.commits(new CommitWork(id, session, List.of()), session, List.of(json));
    }

    private List<Long> sent() {
        return outgoing.next().works().stream().map(work -> work.id).toList();
    }

    @Test
    void commits_of_one_session_go_together_and_others_behind_them() {
        outgoing.add(commit(2, 1));
        outgoing.add(commit(3, 1));
        outgoing.add(commit(4, 7));

        assertThat(sent()).containsExactly(2L, 3L);
        assertThat(sent()).containsExactly(4L);
        assertThat(outgoing.bytes()).isZero();
    }

    @Test
    void commits_go_behind_what_was_asked_before_them() {
        outgoing.add(Letter.whole(null, new Ask.End(9)));
        outgoing.add(commit(2, 1));

        assertThat(outgoing.next().json()).isEqualTo(Forms.ASK.write(new Ask.End(9)));
        assertThat(sent()).containsExactly(2L);
    }

    @Test
    void what_stands_and_was_sent_before_is_not_asked_twice_of_the_next_connection() {
        session.sent = true;
        outgoing.addFirst(List.of(Letter.whole(session, session.ask())));
        outgoing.add(commit(2, 1));

        outgoing.removeStanding();

        assertThat(sent()).containsExactly(2L);
        assertThat(outgoing.isEmpty()).isTrue();
        assertThat(outgoing.bytes()).isZero();
    }

    @Test
    void what_stands_and_was_never_sent_keeps_its_place() {
        outgoing.add(commit(2, 1));
        outgoing.add(Letter.whole(session, session.ask()));

        outgoing.removeStanding();

        assertThat(sent()).containsExactly(2L);
        assertThat(sent()).containsExactly(1L);
    }
}
