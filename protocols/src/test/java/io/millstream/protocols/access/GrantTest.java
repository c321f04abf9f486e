package io.millstream.protocols.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.api.ChannelName;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class GrantTest {
    @ParameterizedTest
    @CsvSource({
        "mail, mail, true",
        "mail, mail2, false",
        "mail, Mail, false",
        "mail*, mail, true",
        "mail*, mail-2, true",
        "mail*, email, false",
        "*, anything, true"
    })
    void a_pattern_covers_the_names_that_it_says(String pattern, String name, boolean covers) {
        User user = User.named("x").withGrants(List.of(Grant.parse("read:" + pattern)));

        assertThat(user.may(Verb.READ, ChannelName.of(name))).isEqualTo(covers);
        assertThat(user.may(Verb.WRITE, ChannelName.of(name))).isFalse();
        assertThat(user.mayAnything(ChannelName.of(name))).isEqualTo(covers);
    }

    @Test
    void only_a_star_covers_channels_of_other_hosts() {
        ChannelName elsewhere = new ChannelName("test", "mail");

        assertThat(Grant.parse("read:mail*").covers(elsewhere)).isFalse();
        assertThat(Grant.parse("read:test:mail").covers(elsewhere)).isFalse();
        assertThat(Grant.parse("read:*").covers(elsewhere)).isTrue();
    }

    @Test
    void grants_add_up() {
        User user =
                User.named("x")
                        .withGrants(List.of(Grant.parse("read:a"), Grant.parse("write,manage:b")));

        assertThat(user.may(Verb.MANAGE, ChannelName.of("b"))).isTrue();
        assertThat(user.may(Verb.MANAGE, ChannelName.of("a"))).isFalse();
        assertThat(user.maySomewhere(Verb.MANAGE)).isTrue();
        assertThat(user.mayEverywhere(Verb.MANAGE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"read:orders*", "read,write:mail", "all:*", "manage:a:b"})
    void the_text_of_a_grant_is_read_again(String text) {
        assertThat(Grant.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    orders|has no colon. Write verbs, a colon and a channel
                    sing:x|has the verb sing. The verbs are read, write, manage and all.
                    Read:x|has the verb Read.
                    read,:x|has the verb .
                    read:|The pattern  is neither
                    read:a*b|The pattern a*b is neither
                    read:**|The pattern ** is neither
                    """)
    void what_is_no_grant_is_refused_in_words(String text, String message) {
        assertThatThrownBy(() -> Grant.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
