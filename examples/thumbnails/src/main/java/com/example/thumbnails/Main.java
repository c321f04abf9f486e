package com.example.thumbnails;

import io.millstream.Millstream;
import io.millstream.jobs.JobContext;
import io.millstream.jobs.JobRef;
import io.millstream.jobs.JobType;
import io.millstream.jobs.Jobs;
import io.millstream.jobs.Unique;
import io.millstream.jobs.Workers;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Paints so many pictures, has thumbnails made of each, and ends when all are there. Kill it
/// whenever you like and start it again on the same directory: it goes on.
final class Main {
    private static final List<Integer> WIDTHS = List.of(800, 400, 200, 100, 50);

    /// A job is given where a picture is, and not the picture.
    record Thumbnails(String picture) {}

    /// Whoever asks twice for the thumbnails of a picture within a day gets those of the first
    /// time.
    static final JobType<Thumbnails, Integer> THUMBNAILS =
            JobType.of("thumbnails", Thumbnails.class, Integer.class)
                    .uniqueBy(Thumbnails::picture)
                    .with(options ->
                            options.queue("thumbnails")
                                    .timeout(Duration.ofMinutes(1))
                                    .unique(Unique.within(Duration.ofDays(1)))
                                    .keepResult(Duration.ofDays(1)));

    private final Path folder;

    private Main(Path folder) {
        this.folder = folder;
    }

    /// @param arguments a directory for data and pictures, and how many pictures
    public static void main(String[] arguments) throws IOException {
        System.setProperty("java.awt.headless", "true");
        Path folder = Path.of(arguments[0]);
        Files.createDirectories(folder.resolve("pictures"));
        new Main(folder).run(Integer.parseInt(arguments[1]));
    }

    private void run(int pictures) throws IOException {
        try (Millstream millstream = Millstream.open(folder.resolve("data"));
                Jobs jobs = Jobs.over(millstream);
                // As many at once as there are processors: more would only be slower. A worker that
                // died is believed to live for as long as a lease.
                Workers workers =
                        jobs.workers("thumbnails")
                                .concurrency(Runtime.getRuntime().availableProcessors())
                                .lease(Duration.ofSeconds(2))
                                .handle(THUMBNAILS, this::make)
                                .start()) {
            List<JobRef<Integer>> all = new ArrayList<>();
            for (int number = 1; number <= pictures; number++) {
                Path picture = folder.resolve("pictures").resolve("picture-" + number + ".png");
                if (Files.notExists(picture)) {
                    Picture.paint(picture, number);
                }
                all.add(jobs.enqueue(THUMBNAILS, new Thumbnails(picture.toString())));
                System.out.println("asked for " + number);
            }
            int thumbnails = 0;
            for (JobRef<Integer> one : all) {
                thumbnails += one.await(Duration.ofMinutes(1));
            }
            System.out.println(
                    thumbnails
                            + " thumbnails of "
                            + pictures
                            + " pictures, "
                            + right(pictures)
                            + " right");
        }
    }

    /// A worker that died midway has left some of them. They are made again, which does no harm: a
    /// file is there as a whole or not at all.
    private int make(Thumbnails job, JobContext context) throws IOException {
        Path picture = Path.of(job.picture());
        BufferedImage image = Picture.read(picture);
        int made = 0;
        for (int width : WIDTHS) {
            context.progress(made++, WIDTHS.size(), "the one of " + width + " pixels");
            if (context.isCancelled() || context.isLost()) {
                throw new IOException("Nobody wants the rest of " + picture);
            }
            image = Picture.shrink(image, width);
            Picture.write(thumbnail(picture, width), image);
        }
        System.out.println("made those of " + picture.getFileName());
        return WIDTHS.size();
    }

    private static Path thumbnail(Path picture, int width) {
        String name = picture.getFileName().toString().replace(".png", "");
        return picture.resolveSibling(name + "-" + width + ".png");
    }

    /// How many thumbnails are there and can be read.
    private int right(int pictures) throws IOException {
        int right = 0;
        for (int number = 1; number <= pictures; number++) {
            Path picture = folder.resolve("pictures").resolve("picture-" + number + ".png");
            for (int width : WIDTHS) {
                right += Picture.read(thumbnail(picture, width)).getWidth() == width ? 1 : 0;
            }
        }
        return right;
    }
}
