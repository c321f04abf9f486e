package com.example.eventsourced;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// An account, as the sum of what has happened to it. Its methods decide and change nothing: they
/// return what is to happen.
final class Account {
    private long version;
    private long cents;
    private final Set<String> received = new HashSet<>();

    /// Something has happened to it.
    void apply(AccountEvent event) {
        version++;
        switch (event) {
            case AccountEvent.Opened(long with) -> cents += with;
            case AccountEvent.Sent(String transfer, String to, long sent) -> cents -= sent;
            case AccountEvent.Received(String transfer, String from, long got) -> {
                cents += got;
                received.add(transfer);
            }
        }
    }

    /// How many events it is made of.
    long version() {
        return version;
    }

    long cents() {
        return cents;
    }

    /// It is opened, unless it is already.
    List<AccountEvent> open(long with) {
        return version > 0 ? List.of() : List.of(new AccountEvent.Opened(with));
    }

    /// It gives what it has, and nothing if it has not enough.
    List<AccountEvent> send(String transfer, String to, long amount) {
        return cents < amount ? List.of() : List.of(new AccountEvent.Sent(transfer, to, amount));
    }

    /// It takes what was sent, once, however often it is told so.
    List<AccountEvent> receive(String transfer, String from, long amount) {
        return received.contains(transfer)
                ? List.of()
                : List.of(new AccountEvent.Received(transfer, from, amount));
    }
}
