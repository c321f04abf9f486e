package io.millstream.protocols.aws.sign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millstream.protocols.aws.wire.Fault;
import io.millstream.protocols.aws.wire.FaultException;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner.AuthLocation;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Signatures of AWS's documentation, of AWS's own signer, and of neither.
class SignatureVersion4Test {
    /// The key pair of AWS's documentation.
    private static final String ID = "AKIDEXAMPLE";

    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final Instant NOW = Instant.parse("2015-08-30T12:36:00Z");
    private static final String TIME = "20150830T123600Z";
    private static final byte[] NOTHING = {};

    private static String authorization(String service, String headers, String signature) {
        return "AWS4-HMAC-SHA256 Credential="
                + ID
                + "/20150830/us-east-1/"
                + service
                + "/aws4_request, SignedHeaders="
                + headers
                + ", Signature="
                + signature;
    }

    private static Head head(String query, Map<String, String> headers) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        headers.forEach((name, value) -> all.put(name, List.of(value)));
        return new Head("GET", "/", query, all);
    }

    private static Fault refused(ThrowingCallable call) {
        return catchThrowableOfType(FaultException.class, call).fault();
    }

    // AWS's documentation.

    @Test
    void the_example_of_the_user_guide_is_accepted() {
        Head head =
                head(
                        "Action=ListUsers&Version=2010-05-08",
                        Map.of(
                                "Host",
                                "iam.amazonaws.com",
                                "Content-Type",
                                "application/x-www-form-urlencoded; charset=utf-8",
                                "X-Amz-Date",
                                TIME,
                                "Authorization",
                                authorization(
                                        "iam",
                                        "content-type;host;x-amz-date",
                                        "5d672d79c15b13162d9279b0855cfba6"
                                                + "789a8edb4c82c400e06b5924a6f2b5d7")));
        Claim claim = Claim.of(head);

        claim.checkTime(NOW);
        claim.checkSignature(SECRET, "iam", NOTHING);

        assertThat(claim.keyId()).isEqualTo(ID);
        assertThat(claim.region()).isEqualTo("us-east-1");
        assertThat(Signing.sha256(claim.canonical(NOTHING).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "Param2=value2&Param1=value1,"
                + " b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    })
    void the_cases_of_the_test_suite_are_accepted(String query, String signature) {
        Head head =
                head(
                        query,
                        Map.of(
                                "Host",
                                "example.amazonaws.com",
                                "X-Amz-Date",
                                TIME,
                                "Authorization",
                                authorization("service", "host;x-amz-date", signature)));
        Claim claim = Claim.of(head);

        claim.checkSignature(SECRET, "service", NOTHING);

        assertThat(refused(() -> claim.checkSignature(SECRET + "x", "service", NOTHING)).code())
                .isEqualTo("SignatureDoesNotMatch");
    }

    // AWS's own signer.

    private static SdkHttpRequest signed(SdkHttpRequest request, byte[] body, AuthLocation where) {
        return AwsV4HttpSigner.create()
                .sign(signing -> {
                    signing.identity(AwsCredentialsIdentity.create(ID, SECRET))
                            .request(request)
                            .payload(ContentStreamProvider.fromByteArray(body))
                            .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "sqs")
                            .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1")
                            .putProperty(AwsV4HttpSigner.AUTH_LOCATION, where)
                            .putProperty(
                                    HttpSigner.SIGNING_CLOCK, Clock.fixed(NOW, ZoneOffset.UTC));
                    if (where == AuthLocation.QUERY_STRING) {
                        signing.putProperty(
                                AwsV4HttpSigner.EXPIRATION_DURATION, Duration.ofMinutes(5));
                    }
                })
                .request();
    }

    private static Head head(SdkHttpRequest request) {
        return new Head(
                request.method().name(),
                request.encodedPath(),
                request.encodedQueryParameters().orElse(""),
                request.headers());
    }

    private static SdkHttpRequest.Builder post() {
        return SdkHttpRequest.builder()
                .method(SdkHttpMethod.POST)
                .protocol("http")
                .host("localhost")
                .port(9324)
                .encodedPath("/")
                .putHeader("Content-Type", "application/x-amz-json-1.0")
                .putHeader("X-Amz-Target", "AmazonSQS.SendMessage");
    }

    /// Text with whatever may need an escape.
    private static String text(SplittableRandom random) {
        String letters = "aZ09-._~ !*'()%&=+/?#;:@,$[]\"<>äß€😀";
        int[] points = letters.codePoints().toArray();
        StringBuilder text = new StringBuilder("x");
        for (int left = random.nextInt(8); left > 0; left--) {
            text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return text.toString();
    }

    @Test
    void whatever_the_signer_of_the_sdk_signs_is_accepted_and_a_changed_body_is_not() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 300; i++) {
            SdkHttpRequest.Builder request = post();
            request.encodedPath("/000000000000/" + (random.nextBoolean() ? "mail" : "a%20b/./c"));
            for (int left = random.nextInt(4); left > 0; left--) {
                request.appendRawQueryParameter(text(random), text(random));
            }
            request.putHeader("X-Spaced", "  two   spaces " + random.nextInt());
            byte[] body = text(random).getBytes(StandardCharsets.UTF_8);
            for (var where : AuthLocation.values()) {
                Claim claim = Claim.of(head(signed(request.build(), body, where)));

                claim.checkTime(NOW);
                claim.checkSignature(SECRET, "sqs", body);

                byte[] changed =
                        (new String(body, StandardCharsets.UTF_8) + "!")
                                .getBytes(StandardCharsets.UTF_8);
                assertThat(refused(() -> claim.checkSignature(SECRET, "sqs", changed)).message())
                        .contains("does not match the signature you provided");
            }
        }
    }

    @Test
    void what_was_changed_on_its_way_is_refused() {
        SdkHttpRequest good = signed(post().build(), NOTHING, AuthLocation.HEADER);
        for (SdkHttpRequest.Builder bad :
                List.of(
                        good.toBuilder().method(SdkHttpMethod.GET),
                        good.toBuilder().encodedPath("/other"),
                        good.toBuilder().putRawQueryParameter("Action", "DeleteQueue"),
                        good.toBuilder().putHeader("X-Amz-Target", "AmazonSQS.DeleteQueue"),
                        good.toBuilder().putHeader("Host", "elsewhere"))) {
            Claim claim = Claim.of(head(bad.build()));

            assertThat(refused(() -> claim.checkSignature(SECRET, "sqs", NOTHING)).code())
                    .isEqualTo("SignatureDoesNotMatch");
        }
        assertThat(refused(() -> Claim.of(head(good)).checkSignature(SECRET, "sns", NOTHING)))
                .extracting(Fault::message)
                .isEqualTo("Credential should be scoped to correct service: 'sns'.");
    }

    @Test
    void a_header_of_aws_that_was_added_on_the_way_is_refused() {
        SdkHttpRequest good = signed(post().build(), NOTHING, AuthLocation.HEADER);
        Head changed = head(good.toBuilder().putHeader("X-Amz-Other", "1").build());

        assertThat(refused(() -> Claim.of(changed)).message())
                .contains("x-amz-other is not among the signed headers");
    }

    // Time.

    @Test
    void a_clock_may_be_off_by_fifteen_minutes_and_no_more() {
        Claim claim = Claim.of(head(signed(post().build(), NOTHING, AuthLocation.HEADER)));

        claim.checkTime(NOW.plus(Claim.SKEW_MAX));
        claim.checkTime(NOW.minus(Claim.SKEW_MAX));

        assertThat(
                        refused(() -> claim.checkTime(NOW.plus(Claim.SKEW_MAX).plusSeconds(1)))
                                .message())
                .isEqualTo(
                        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z"
                                + " (20150830T125101Z - 15 min.)");
        assertThat(refused(() -> claim.checkTime(NOW.minus(Claim.SKEW_MAX).minusSeconds(1))))
                .extracting(Fault::code, Fault::message)
                .containsExactly(
                        "SignatureDoesNotMatch",
                        "Signature not yet current: 20150830T123600Z is still later than"
                                + " 20150830T123559Z (20150830T122059Z + 15 min.)");
    }

    @Test
    void a_presigned_address_is_good_as_long_as_it_says() {
        Claim claim = Claim.of(head(signed(post().build(), NOTHING, AuthLocation.QUERY_STRING)));

        claim.checkTime(NOW.plus(Duration.ofMinutes(5)));

        assertThat(refused(() -> claim.checkTime(NOW.plus(Duration.ofMinutes(5)).plusSeconds(1))))
                .extracting(Fault::code, Fault::status)
                .containsExactly("RequestExpired", 400);
    }

    // What is no signature of version 4.

    @Test
    void a_request_without_a_signature_is_told_so() {
        assertThat(refused(() -> Claim.of(head("", Map.of("Host", "localhost")))))
                .extracting(Fault::code, Fault::status)
                .containsExactly("MissingAuthenticationToken", 403);
    }

    @Test
    void a_session_token_belongs_to_no_key_here() {
        Map<String, String> headers =
                Map.of(
                        "Host", "localhost",
                        "X-Amz-Security-Token", "token",
                        "Authorization", authorization("sqs", "host", "0"));

        assertThat(refused(() -> Claim.of(head("", headers))))
                .extracting(Fault::code, Fault::message)
                .containsExactly(
                        "InvalidClientTokenId",
                        "The security token included in the request is invalid.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Basic dXNlcjpwYXNzd29yZA==",
                "AWS4-HMAC-SHA256",
                "AWS4-HMAC-SHA256 Credential=a/20150830/us-east-1/sqs/aws4_request",
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
                "AWS4-HMAC-SHA256 Colour=red",
                "AWS4-HMAC-SHA256 Credential=a/20150830/us-east-1/sqs/aws4_request,"
                        + " SignedHeaders=host, Signature="
            })
    void an_incomplete_signature_is_told_what_it_lacks(String authorization) {
        Map<String, String> headers =
                Map.of("Host", "x", "X-Amz-Date", TIME, "Authorization", authorization);

        assertThat(refused(() -> Claim.of(head("", headers))))
                .extracting(Fault::code, Fault::status)
                .containsExactly("IncompleteSignature", 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Amz-Signature=0",
                "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Expires=1",
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=604801&X-Amz-Signature=0"
                        + "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Credential=a/20150830/us-east-1/sqs/aws4_request",
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=1&X-Amz-Signature=0"
                        + "&X-Amz-Date=today&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Credential=a/20150830/us-east-1/sqs/aws4_request"
            })
    void an_incomplete_address_is_told_what_it_lacks(String query) {
        assertThat(refused(() -> Claim.of(head(query, Map.of("Host", "localhost")))).code())
                .isEqualTo("IncompleteSignature");
    }

    @Test
    void a_signature_that_leaves_out_the_host_is_refused() {
        Map<String, String> headers =
                Map.of(
                        "Host",
                        "localhost",
                        "X-Amz-Date",
                        TIME,
                        "Authorization",
                        authorization("sqs", "x-amz-date", "0"));

        assertThatThrownBy(() -> Claim.of(head("", headers)))
                .hasMessageContaining("'Host' must be a 'SignedHeader'");
    }

    @Test
    void a_scope_of_another_day_is_refused() {
        Map<String, String> headers =
                Map.of(
                        "Host", "localhost",
                        "X-Amz-Date", "20150831T000000Z",
                        "Authorization", authorization("sqs", "host;x-amz-date", "0"));

        assertThatThrownBy(() -> Claim.of(head("", headers)))
                .hasMessageContaining("'20150830' != '20150831', from '20150831T000000Z'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "2", "2015", "201508300"})
    void a_scope_of_no_whole_day_is_refused(String date) {
        Map<String, String> headers =
                Map.of(
                        "Host",
                        "localhost",
                        "X-Amz-Date",
                        TIME,
                        "Authorization",
                        authorization("sqs", "host;x-amz-date", "0")
                                .replace("/20150830/", "/" + date + "/"));

        assertThatThrownBy(() -> Claim.of(head("", headers)))
                .hasMessageContaining("'" + date + "' != '20150830', from '" + TIME + "'");
    }
}
