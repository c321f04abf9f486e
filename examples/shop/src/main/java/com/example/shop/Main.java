package com.example.shop;

import io.millstream.Millstream;
import io.millstream.TopicSubscription;
import io.millstream.jobs.DeadKind;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Workers;

import java.nio.file.Path;
import java.time.Duration;

/// Takes so many orders and ends when all are done with. Kill it whenever you like and start it
/// again on the same directory: it goes on.
final class Main {

    /// @param arguments the data directory, and how many orders there are to be
    public static void main(String[] arguments) throws InterruptedException {
        Path data = Path.of(arguments[0]);
        int orders = Integer.parseInt(arguments[1]);
        try (Millstream millstream = Millstream.open(data);
                Jobs jobs = Jobs.over(millstream)) {
            Shop shop = new Shop(millstream, jobs, Carrier.unreliable());
            shop.reportEachNight();
            System.out.println("open, with " + Books.of(shop.events()));
            try (Workers workers = shop.workers(jobs).start();
                    TopicSubscription subscription =
                            shop.events().subscribe("shop", shop::happened)) {
                for (int number = Books.of(shop.events()).placed() + 1;
                        number <= orders;
                        number++) {
                    shop.place(order(number));
                    System.out.println("ordered " + number);
                }
                Books books = Books.of(shop.events());
                while (!books.balance(undeliverable(jobs))) {
                    Thread.sleep(100);
                    books = Books.of(shop.events());
                }
                String report =
                        jobs.enqueue(Shop.REPORT, new Shop.Report("the books"))
                                .await(Duration.ofSeconds(30));
                System.out.println(report);
            }
            for (DeadKind kind : jobs.dead().kinds()) {
                System.out.println(kind.jobs() + " in the dead set: " + kind.example().reason());
            }
        }
    }

    private static Order order(int number) {
        String address = number % 50 == 0 ? "the moon" : "Mill Lane " + number;
        return new Order(number, "customer " + number % 7, address, 100 * (number % 9 + 1));
    }

    private static long undeliverable(Jobs jobs) {
        return jobs.dead().kinds().stream().mapToLong(DeadKind::jobs).sum();
    }
}
