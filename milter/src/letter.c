#include "letter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Letters beyond this go to a file. Most are far smaller. */
static const size_t IN_MEMORY = (size_t)1 << 20;

struct letter {
    unsigned char *octets;
    size_t capacity;
    FILE *file;
    uint64_t length, limit, at;
    const char *why;
};

struct letter *letter_new(uint64_t limit)
{
    struct letter *letter = calloc(1, sizeof *letter);

    if (letter != NULL) {
        letter->limit = limit;
    }
    return letter;
}

static bool failed(struct letter *letter, const char *why)
{
    letter->why = why;
    return false;
}

static bool to_file(struct letter *letter, const void *octets, size_t length)
{
    if (letter->file == NULL) {
        letter->file = tmpfile();
        if (letter->file == NULL
            || fwrite(letter->octets, 1, (size_t)letter->length, letter->file) != letter->length) {
            return failed(letter, "no temporary file");
        }
        free(letter->octets);
        letter->octets = NULL;
        letter->capacity = 0;
    }
    return fwrite(octets, 1, length, letter->file) == length || failed(letter, "the temporary file is full");
}

static bool to_memory(struct letter *letter, const void *octets, size_t length)
{
    size_t used = (size_t)letter->length, wanted = letter->capacity == 0 ? 4096 : letter->capacity;
    unsigned char *larger;

    while (wanted < used + length) {
        wanted *= 2;
    }
    if (wanted > letter->capacity) {
        larger = realloc(letter->octets, wanted);
        if (larger == NULL) {
            return failed(letter, "no memory");
        }
        letter->octets = larger;
        letter->capacity = wanted;
    }
    memcpy(letter->octets + used, octets, length);
    return true;
}

bool letter_write(struct letter *letter, const void *octets, size_t length)
{
    bool small = letter->file == NULL && length <= IN_MEMORY && letter->length <= IN_MEMORY - length;

    if (letter->why != NULL) {
        return false;
    }
    if (length == 0) {
        return true;
    }
    if (length > letter->limit || letter->length > letter->limit - length) {
        return failed(letter, "it has more octets than message_bytes allows");
    }
    if (!(small ? to_memory(letter, octets, length) : to_file(letter, octets, length))) {
        return false;
    }
    letter->length += length;
    return true;
}

const char *letter_why(const struct letter *letter)
{
    return letter->why;
}

static int32_t read_letter(void *userdata, uint8_t *data, size_t capacity, size_t *length)
{
    struct letter *letter = userdata;

    if (letter->file != NULL) {
        *length = fread(data, 1, capacity, letter->file);
        return ferror(letter->file) ? MAILSEAL_ERROR_IO : MAILSEAL_OK;
    }
    *length = (size_t)(letter->length - letter->at);
    if (*length > capacity) {
        *length = capacity;
    }
    if (*length > 0) {
        memcpy(data, letter->octets + letter->at, *length);
    }
    letter->at += *length;
    return MAILSEAL_OK;
}

mailseal_input *letter_input(struct letter *letter)
{
    letter->at = 0;
    if (letter->file != NULL && fseek(letter->file, 0, SEEK_SET) != 0) {
        return NULL;
    }
    return mailseal_input_callback(read_letter, letter, NULL);
}

void letter_free(struct letter *letter)
{
    if (letter == NULL) {
        return;
    }
    if (letter->file != NULL) {
        fclose(letter->file);
    }
    free(letter->octets);
    free(letter);
}
