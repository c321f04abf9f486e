package io.millstream.protocols.http;

/// Bounds that a test reaches.
final class ApiLimitsForTests {
    private ApiLimitsForTests() {}

    static ApiLimits usual() {
        return ApiLimits.USUAL;
    }

    static ApiLimits withSessions(int all, int perUser) {
        return of(all, perUser, 100, 60_000, 128L << 20, 30_000);
    }

    static ApiLimits withTakes(int takesPerSession) {
        return of(100, 100, takesPerSession, 60_000, 128L << 20, 30_000);
    }

    static ApiLimits withSilence(long millis) {
        return of(100, 100, 100, millis, 128L << 20, 30_000);
    }

    static ApiLimits withAnswers(long bytes) {
        return of(100, 100, 100, 60_000, bytes, 30_000);
    }

    static ApiLimits withRequestMillis(long millis) {
        return of(100, 100, 100, 60_000, 128L << 20, millis);
    }

    private static ApiLimits of(
            int sessions, int perUser, int takes, long silence, long answers, long requestMillis) {
        ApiLimits usual = ApiLimits.USUAL;
        return new ApiLimits(
                sessions,
                perUser,
                usual.requestsMax(),
                takes,
                usual.bodyBytesMax(),
                usual.smallBodyBytesMax(),
                usual.bodiesBytesMax(),
                usual.takeMessagesMax(),
                usual.takeBytesMax(),
                usual.smallAnswerBytesMax(),
                answers,
                usual.lookItemsMax(),
                usual.lineWorkMax(),
                usual.windowBytesMax(),
                usual.lineBytesMax(),
                silence,
                usual.waitMillisMax(),
                requestMillis,
                usual.answerMillis());
    }
}
