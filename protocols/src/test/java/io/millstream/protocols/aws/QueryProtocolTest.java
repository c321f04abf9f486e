package io.millstream.protocols.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The query protocol to the letter: what old clients send, and the XML that they read.
class QueryProtocolTest {
    private static final String NAMESPACE = "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"";
    private static final Pattern VARYING =
            Pattern.compile("(?<=<(RequestId|MessageId|ReceiptHandle)>)[^<]+");

    private AwsServer server;

    @BeforeEach
    void open() {
        server = AwsServer.start();
        server.query("Action=CreateQueue&QueueName=mail");
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void parameters_may_stand_in_the_address_and_in_the_form() {
        server.query("/?Action=CreateQueue", "QueueName=both");

        assertThat(server.query("/?QueueName=both", "Action=GetQueueUrl").body())
                .contains("/000000000000/both</QueueUrl>");
        assertThat(server.query("/?Action=GetQueueUrl", "Action=GetQueueUrl").statusCode())
                .isEqualTo(404);
    }

    @Test
    void a_queue_is_created() {
        assertThat(
                        server.query(
                                "Action=CreateQueue&Version=2012-11-05&QueueName=new"
                                        + "&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=9"
                                        + "&Attribute.2.Name=DelaySeconds&Attribute.2.Value=0"))
                .satisfies(
                        is(
                                200,
                                "CreateQueueResponse",
                                "<CreateQueueResult><QueueUrl>"
                                        + server.url("new")
                                        + "</QueueUrl></CreateQueueResult>"));
    }

    @Test
    void queues_are_listed() {
        assertThat(server.query("Action=ListQueues"))
                .satisfies(
                        is(
                                200,
                                "ListQueuesResponse",
                                "<ListQueuesResult><QueueUrl>"
                                        + server.url("mail")
                                        + "</QueueUrl></ListQueuesResult>"));
    }

    @Test
    void a_message_with_attributes_is_sent_to_the_queues_own_address() {
        assertThat(
                        server.query(
                                "/000000000000/mail",
                                "Action=SendMessage&MessageBody=hello+world%21"
                                        + "&MessageAttribute.1.Name=a"
                                        + "&MessageAttribute.1.Value.DataType=String"
                                        + "&MessageAttribute.1.Value.StringValue=b"))
                .satisfies(
                        is(
                                200,
                                "SendMessageResponse",
                                "<SendMessageResult><MessageId>*</MessageId><MD5OfMessageBody>"
                                    + "fc3ff98e8c6a0d3087d515c0473f8677</MD5OfMessageBody>"
                                    + "<MD5OfMessageAttributes>"
                                    + "bef8bf215374a0a228d67533b1a488be</MD5OfMessageAttributes>"
                                    + "</SendMessageResult>"));
    }

    @Test
    void a_message_is_received_with_everything_that_was_asked_for() {
        server.query(
                "/000000000000/mail",
                "Action=SendMessage&MessageBody=%3Cb%3E+%26%0D%0A"
                        + "&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=Number"
                        + "&MessageAttribute.1.Value.StringValue=1");

        assertThat(
                        server.query(
                                "/000000000000/mail",
                                "Action=ReceiveMessage&AttributeName.1=ApproximateReceiveCount"
                                        + "&AttributeName.2=SenderId&MessageAttributeName.1=All"))
                .satisfies(
                        is(
                                200,
                                "ReceiveMessageResponse",
                                "<ReceiveMessageResult><Message><MessageId>*</MessageId>"
                                        + "<ReceiptHandle>*</ReceiptHandle><MD5OfBody>"
                                        + "197d445fd36d37faadb14c6e11bca704</MD5OfBody>"
                                        + "<Body>&lt;b&gt; &amp;&#xD;\n</Body>"
                                        + "<Attribute><Name>SenderId</Name>"
                                        + "<Value>000000000000</Value></Attribute>"
                                        + "<Attribute><Name>ApproximateReceiveCount</Name>"
                                        + "<Value>1</Value></Attribute>"
                                        + "<MessageAttribute><Name>n</Name><Value>"
                                        + "<StringValue>1</StringValue><DataType>Number</DataType>"
                                        + "</Value></MessageAttribute><MD5OfMessageAttributes>"
                                        + "ef88bdc4583394a9f2bcdc6a6f0ccbfe"
                                        + "</MD5OfMessageAttributes></Message>"
                                        + "</ReceiveMessageResult>"));
    }

    @Test
    void nothing_received_is_an_empty_result() {
        assertThat(server.query("/000000000000/mail", "Action=ReceiveMessage"))
                .satisfies(
                        is(
                                200,
                                "ReceiveMessageResponse",
                                "<ReceiveMessageResult></ReceiveMessageResult>"));
    }

    @Test
    void a_batch_tells_successes_and_failures() {
        assertThat(
                        server.query(
                                "/000000000000/mail",
                                "Action=SendMessageBatch"
                                        + "&SendMessageBatchRequestEntry.1.Id=a"
                                        + "&SendMessageBatchRequestEntry.1.MessageBody=x"
                                        + "&SendMessageBatchRequestEntry.2.Id=b"
                                        + "&SendMessageBatchRequestEntry.2.MessageBody="))
                .satisfies(
                        is(
                                200,
                                "SendMessageBatchResponse",
                                "<SendMessageBatchResult><SendMessageBatchResultEntry><MessageId>*"
                                        + "</MessageId><MD5OfMessageBody>"
                                        + "9dd4e461268c8034f5c8564e155c67a6</MD5OfMessageBody>"
                                        + "<Id>a</Id></SendMessageBatchResultEntry>"
                                        + "<BatchResultErrorEntry><Id>b</Id>"
                                        + "<SenderFault>true</SenderFault>"
                                        + "<Code>MissingParameter</Code><Message>The request must"
                                        + " contain the parameter Entries.2.MessageBody.</Message>"
                                        + "</BatchResultErrorEntry></SendMessageBatchResult>"));
    }

    @Test
    void an_action_without_a_result_has_no_result_element() {
        assertThat(server.query("/000000000000/mail", "Action=PurgeQueue"))
                .satisfies(is(200, "PurgeQueueResponse", ""));
    }

    @Test
    void attributes_are_told() {
        assertThat(
                        server.query(
                                "/000000000000/mail",
                                "Action=GetQueueAttributes&AttributeName.1=VisibilityTimeout"))
                .satisfies(
                        is(
                                200,
                                "GetQueueAttributesResponse",
                                "<GetQueueAttributesResult><Attribute>"
                                        + "<Name>VisibilityTimeout</Name><Value>30</Value>"
                                        + "</Attribute></GetQueueAttributesResult>"));
    }

    @Test
    void an_error_is_told() {
        HttpResponse<String> answer = server.query("/000000000000/none", "Action=DeleteQueue");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("content-type")).contains("text/xml");
        assertThat(settled(answer))
                .isEqualTo(
                        "<?xml version=\"1.0\"?><ErrorResponse "
                                + NAMESPACE
                                + "><Error><Type>Sender</Type>"
                                + "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"
                                + "<Message>The specified queue does not exist.</Message>"
                                + "<Detail></Detail></Error><RequestId>*</RequestId>"
                                + "</ErrorResponse>");
    }

    @Test
    void a_request_may_come_as_a_get_with_an_old_signature() {
        HttpResponse<String> answer =
                server.send(
                        HttpRequest.newBuilder(
                                server.uri(
                                        "/000000000000/mail?Action=SendMessage&MessageBody=a%20b"
                                                + "&Version=2012-11-05&AWSAccessKeyId=x"
                                                + "&SignatureVersion=2&SignatureMethod=HmacSHA256"
                                                + "&Timestamp=2026-01-01T00%3A00%3A00Z"
                                                + "&Signature=x")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("<MD5OfMessageBody>0cc9cd4dd26c5137b675a0d819cb9ab0<");
    }

    @Test
    void the_same_request_is_the_same_in_both_protocols() {
        server.query("/000000000000/mail", "Action=SendMessage&MessageBody=x");

        assertThat(
                        server.json(
                                        "ReceiveMessage",
                                        "{\"QueueUrl\":\"" + server.url("mail") + "\"}")
                                .body())
                .contains("\"Body\":\"x\"", "\"MD5OfBody\":\"9dd4e461268c8034f5c8564e155c67a6\"");
    }

    private static Consumer<HttpResponse<String>> is(int status, String root, String result) {
        return answer -> {
            assertThat(settled(answer))
                    .isEqualTo(
                            "<?xml version=\"1.0\"?><"
                                    + root
                                    + ' '
                                    + NAMESPACE
                                    + '>'
                                    + result
                                    + "<ResponseMetadata><RequestId>*</RequestId>"
                                    + "</ResponseMetadata></"
                                    + root
                                    + '>');
            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.headers().firstValue("content-type")).contains("text/xml");
        };
    }

    private static String settled(HttpResponse<String> answer) {
        return VARYING.matcher(answer.body()).replaceAll("*");
    }
}
