package com.example.thumbnails;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;

import javax.imageio.ImageIO;

/// Pictures in files.
final class Picture {
    private static final int WIDTH = 1600;
    private static final int HEIGHT = 1200;

    private Picture() {}

    /// Paints one that is like no other.
    static void paint(Path file, int number) throws IOException {
        Random random = new Random(number);
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D brush = image.createGraphics();
        brush.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        brush.setPaint(new GradientPaint(0, 0, color(random), WIDTH, HEIGHT, color(random)));
        brush.fillRect(0, 0, WIDTH, HEIGHT);
        for (int i = 0; i < 200; i++) {
            brush.setColor(color(random));
            int size = random.nextInt(20, 200);
            brush.fillOval(random.nextInt(WIDTH), random.nextInt(HEIGHT), size, size);
        }
        brush.dispose();
        write(file, image);
    }

    private static Color color(Random random) {
        return new Color(random.nextInt(0x1000000));
    }

    static BufferedImage read(Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        if (image == null) {
            throw new IOException(file + " is no picture");
        }
        return image;
    }

    /// The whole file or none of it, whoever dies meanwhile.
    static void write(Path file, BufferedImage image) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
        ImageIO.write(image, "png", unfinished.toFile());
        Files.move(
                unfinished,
                file,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    /// A smaller one: each of its points is the average of those that it stands for.
    static BufferedImage shrink(BufferedImage from, int width) {
        int height = from.getHeight() * width / from.getWidth();
        BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                small.setRGB(
                        x,
                        y,
                        average(
                                from,
                                x * from.getWidth() / width,
                                (x + 1) * from.getWidth() / width,
                                y * from.getHeight() / height,
                                (y + 1) * from.getHeight() / height));
            }
        }
        return small;
    }

    private static int average(BufferedImage of, int left, int right, int top, int bottom) {
        long red = 0;
        long green = 0;
        long blue = 0;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                int color = of.getRGB(x, y);
                red += color >> 16 & 0xFF;
                green += color >> 8 & 0xFF;
                blue += color & 0xFF;
            }
        }
        long points = (long) (right - left) * (bottom - top);
        return (int) (red / points << 16 | green / points << 8 | blue / points);
    }
}
