package io.millstream.jobs;

/// Failures of handlers in words: whole enough to find the cause, and short enough to be kept with
/// each dead job whatever a message of an exception holds.
final class Failures {
    static final int REASON_CHARS_MAX = 1000;
    private static final int STACK_CHARS_MAX = 8000;
    private static final int MESSAGE_CHARS_MAX = 300;
    private static final int FRAMES_MAX = 40;
    private static final int CAUSES_MAX = 8;

    private Failures() {}

    static String reason(Throwable failure) {
        return cut(failure.toString(), REASON_CHARS_MAX);
    }

    /// The failure and what caused it, each with the frames nearest to where it was thrown.
    static String stack(Throwable failure) {
        StringBuilder text = new StringBuilder();
        Throwable one = failure;
        for (int causes = 0; one != null && causes <= CAUSES_MAX; causes++) {
            text.append(causes == 0 ? "" : "Caused by: ")
                    .append(cut(one.toString(), MESSAGE_CHARS_MAX))
                    .append('\n');
            text.append(frames(one.getStackTrace()));
            one = one.getCause();
        }
        return cut(text.toString(), STACK_CHARS_MAX);
    }

    /// Those nearest to where it is.
    static String frames(StackTraceElement[] frames) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(frames.length, FRAMES_MAX); i++) {
            text.append("\tat ").append(frames[i]).append('\n');
        }
        return text.toString();
    }

    /// The end of it, if it is long.
    static String end(String text) {
        return text.length() <= STACK_CHARS_MAX
                ? text
                : "…" + text.substring(text.length() - STACK_CHARS_MAX + 1);
    }

    static String cut(String text, int chars) {
        return text.length() <= chars ? text : text.substring(0, chars - 1) + "…";
    }
}
