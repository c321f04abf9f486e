package io.millstream.engine;

/// Calls into code that is not the engine's: what it throws is reported and costs nobody else
/// anything.
final class Callback {
    private static final System.Logger LOGGER = System.getLogger(Engine.class.getName());

    private Callback() {}

    static void run(String what, Runnable call) {
        try {
            call.run();
        } catch (VirtualMachineError broken) {
            throw broken;
        } catch (RuntimeException | Error mistake) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    what + " threw an exception, which is ignored; catch it there.",
                    mistake);
        }
    }
}
