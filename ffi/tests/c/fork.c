/*
 * A child process refuses what its parent opened, at once, and can free it; the parent goes on. An
 * alarm ends a process that hangs.
 */
#define _POSIX_C_SOURCE 200809L
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

enum { SECONDS_UNTIL_IT_HANGS = 60 };

static sb_client *client;
static sb_sender *sender;
static sb_receiver *receiver;
static sb_received *received;
static sb_message *message;

static void free_everything(void)
{
    sb_message_free(message);
    sb_received_free(received);
    sb_receiver_free(receiver);
    sb_sender_free(sender);
    sb_client_free(client);
}

static void child(void)
{
    sb_sender *another_sender = NULL;
    sb_received *another = NULL;
    alarm(SECONDS_UNTIL_IT_HANGS);
    EXPECT_STATUS(SB_FORKED, sb_sender_send_messages(sender, &message, 1, -1, &error));
    EXPECT_STATUS(SB_FORKED, sb_receiver_next_message(receiver, -1, &another, &error));
    EXPECT_STATUS(SB_FORKED, sb_receiver_complete_message(receiver, received, -1, &error));
    EXPECT_STATUS(SB_FORKED, sb_client_queue_sender(client, "orders", -1, &another_sender, &error));
    EXPECT_STATUS(SB_FORKED, sb_receiver_close(receiver, &error));
    EXPECT_STATUS(SB_FORKED, sb_sender_close(sender, &error));
    EXPECT_STATUS(SB_FORKED, sb_client_close(client, &error));
    free_everything();
    /*
     * What the threads of the parent own is left as it is, which a leak check of this process would
     * report. Another program takes its place instead of an end of its own.
     */
    execlp("true", "true", (char *)NULL);
    _exit(1);
}

int main(int argc, char **argv)
{
    static const sb_bytes body = {(const uint8_t *)"body", 4};
    pid_t pid;
    int status = 0;

    EXPECT(argc == 2);
    alarm(2 * SECONDS_UNTIL_IT_HANGS);
    EXPECT_STATUS(SB_OK, sb_client_from_connection_string(argv[1], NULL, &client, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_sender(client, "orders", -1, &sender, &error));
    EXPECT_STATUS(SB_OK, sb_message_new(body, &message, &error));
    EXPECT_STATUS(SB_OK, sb_sender_send_messages(sender, &message, 1, -1, &error));
    EXPECT_STATUS(SB_OK, sb_client_queue_receiver(client, "orders", NULL, -1, &receiver, &error));
    EXPECT_STATUS(SB_OK, sb_receiver_next_message(receiver, 10000, &received, &error));

    pid = fork();
    EXPECT(pid >= 0);
    if (pid == 0)
        child();
    EXPECT(waitpid(pid, &status, 0) == pid);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);

    EXPECT_STATUS(SB_OK, sb_receiver_complete_message(receiver, received, -1, &error));
    EXPECT_STATUS(SB_OK, sb_sender_send_messages(sender, &message, 1, -1, &error));
    free_everything();
    puts("parent goes on");
    return 0;
}
