package com.example.eventsourced;

import io.millstream.Millstream;
import io.millstream.TopicSubscription;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// Moves money between accounts, from several threads at once, until so many transfers have been
/// made. Kill it whenever you like and start it again on the same directory: it goes on.
final class Main {
    private static final int ACCOUNTS = 10;
    private static final long CENTS = 1_000;
    private static final int TELLERS = 4;

    /// What all events say.
    ///
    /// @param cents in all accounts
    /// @param sent transfers that have left
    /// @param received transfers that have come
    /// @param overdrawn accounts that were ever below zero
    record Books(long cents, int sent, int received, int overdrawn) {
        static Books of(Bank bank) {
            Map<String, Account> accounts = new HashMap<>();
            int[] counts = new int[3];
            bank.events()
                    .replay(event -> {
                        Account account =
                                accounts.computeIfAbsent(event.event().key(), _ -> new Account());
                        account.apply(event.data());
                        counts[0] += event.data() instanceof AccountEvent.Sent ? 1 : 0;
                        counts[1] += event.data() instanceof AccountEvent.Received ? 1 : 0;
                        counts[2] += account.cents() < 0 ? 1 : 0;
                    });
            long all = accounts.values().stream().mapToLong(Account::cents).sum();
            return new Books(all, counts[0], counts[1], counts[2]);
        }

        @Override
        public String toString() {
            return "%d cents, %d sent, %d received, %d overdrawn"
                    .formatted(cents, sent, received, overdrawn);
        }
    }

    /// @param arguments the data directory, and how many transfers there are to be at least
    public static void main(String[] arguments) throws InterruptedException {
        int transfers = Integer.parseInt(arguments[1]);
        try (Millstream millstream = Millstream.open(Path.of(arguments[0]))) {
            Bank bank = new Bank(millstream);
            for (int i = 0; i < ACCOUNTS; i++) {
                bank.decide("account-" + i, account -> account.open(CENTS));
            }
            System.out.println("open, with " + Books.of(bank));
            try (TopicSubscription bringing = bank.events().subscribe("bringing", bank::happened)) {
                List<Thread> tellers = new ArrayList<>();
                int missing = transfers - Books.of(bank).sent();
                for (int i = 0; i < TELLERS; i++) {
                    int share = Math.ceilDiv(missing, TELLERS);
                    tellers.add(Thread.startVirtualThread(() -> transfer(bank, share)));
                }
                for (Thread teller : tellers) {
                    teller.join();
                }
                Books books = Books.of(bank);
                while (books.received() < books.sent()) {
                    Thread.sleep(50);
                    books = Books.of(bank);
                }
                System.out.println(books);
            }
        }
    }

    private static void transfer(Bank bank, int times) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int done = 0; done < times; ) {
            String from = "account-" + random.nextInt(ACCOUNTS);
            String to = "account-" + random.nextInt(ACCOUNTS);
            long cents = random.nextLong(1, CENTS);
            String transfer = UUID.randomUUID().toString();
            if (!from.equals(to)
                    && bank.decide(from, account -> account.send(transfer, to, cents))) {
                done++;
                System.out.println("sent " + transfer);
            }
        }
    }
}
