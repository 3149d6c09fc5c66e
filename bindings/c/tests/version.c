/* The numbers of the header, by value: a macro that is spelt wrong still compiles. */
#include <mailseal.h>
#include <stdio.h>
#include <string.h>

#if MAILSEAL_VERSION_NUMBER < 0x000100
#error "the version is good for #if, too"
#endif

#define CHECK(what) do { if (!(what)) { printf("line %d: %s\n", __LINE__, #what); return 1; } } while (0)

int main(void)
{
    char text[32];
    sprintf(text, "%d.%d.%d", MAILSEAL_VERSION_MAJOR, MAILSEAL_VERSION_MINOR, MAILSEAL_VERSION_PATCH);
    CHECK(strcmp(text, mailseal_version()) == 0);
    CHECK(MAILSEAL_VERSION_NUMBER == MAILSEAL_VERSION_MAJOR * 65536 + MAILSEAL_VERSION_MINOR * 256 + MAILSEAL_VERSION_PATCH);
    CHECK(mailseal_version_number() == MAILSEAL_VERSION_NUMBER);
    CHECK(mailseal_abi_check(MAILSEAL_VERSION_NUMBER) == MAILSEAL_OK);
    CHECK(mailseal_abi_check(MAILSEAL_VERSION_NUMBER + 1) == MAILSEAL_ERROR_MISUSE);
    CHECK(mailseal_abi_check(MAILSEAL_VERSION_NUMBER + 0x10000) == MAILSEAL_ERROR_MISUSE);
    CHECK(MAILSEAL_OK == 0 && MAILSEAL_OPENED != MAILSEAL_OK);
    CHECK(MAILSEAL_OUTCOME_NONE == 0 && MAILSEAL_OUTCOME_GOOD == 1 && MAILSEAL_OUTCOME_BAD == 3);
    CHECK(MAILSEAL_INTEGRITY_UNVERIFIED == 0 && MAILSEAL_TRUST_UNKNOWN == 0);
    CHECK(MAILSEAL_ERROR_MISUSE == 100 && MAILSEAL_ERROR_IO == 200 && MAILSEAL_ERROR_PANIC == 900);
    CHECK(sizeof(mailseal_status) == 4 && sizeof(mailseal_outcome) == 4);
    return 0;
}
