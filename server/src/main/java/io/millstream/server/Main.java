package io.millstream.server;

/// The entry point of the single jar.
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.out.println("millstream " + Main.class.getPackage().getImplementationVersion());
    }
}
