package com.example.eventsourced;

import io.millstream.Millstream;
import io.millstream.StoredEvent;
import io.millstream.Topic;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Refusal;
import io.millstream.api.RefusedException;
import io.millstream.api.Retention;

import java.util.List;
import java.util.function.Function;

/// Accounts in a topic that counts its keys: who decides by what an account has been publishes only
/// if nothing else has happened to it meanwhile.
final class Bank {
    private final Topic<AccountEvent> events;

    Bank(Millstream millstream) {
        this.events =
                millstream.topic(
                        Definition.Topic.of(ChannelName.of("accounts"))
                                .withPartitions(8)
                                .withRetention(Retention.forever())
                                .withVersionedKeys(10_000),
                        AccountEvent.CODEC);
    }

    Topic<AccountEvent> events() {
        return events;
    }

    /// The account as it is now, made of all that has ever happened to it.
    Account load(String name) {
        Account account = new Account();
        events.replay(name, event -> account.apply(event.data()));
        return account;
    }

    /// Has happen what `decide` says. If somebody else was faster, it decides again.
    ///
    /// @return whether anything happened
    boolean decide(String name, Function<Account, List<AccountEvent>> decide) {
        while (true) {
            Account account = load(name);
            List<AccountEvent> decided = decide.apply(account);
            if (decided.isEmpty()) {
                return false;
            }
            try {
                events.publish(name, account.version(), decided);
                return true;
            } catch (RefusedException refused) {
                if (!(refused.refusal() instanceof Refusal.Conflict)) {
                    throw refused;
                }
            }
        }
    }

    /// A subscription brings what was sent to where it is to go. It may be told twice, which the
    /// account notices.
    void happened(StoredEvent<AccountEvent> event) {
        if (event.data() instanceof AccountEvent.Sent(String transfer, String to, long cents)) {
            String from = event.event().key();
            decide(to, account -> account.receive(transfer, from, cents));
        }
    }
}
