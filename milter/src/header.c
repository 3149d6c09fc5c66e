#include "header.h"

#include <mailseal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* More than any mail has; mailseal's own limit, header_bytes, is the same. */
static const size_t MOST = (size_t)1 << 20;
/* Twice what mailseal reads, header_fields. Places are counted anew for each field. */
static const size_t MOST_FIELDS = 2000;

static const char RESULTS[] = "Authentication-Results";

static char *without_cr(const char *octets, size_t length)
{
    char *text = malloc(length + 1), *out = text;
    size_t index;

    if (text == NULL) {
        return NULL;
    }
    for (index = 0; index < length; index++) {
        if (octets[index] != '\r' || index + 1 == length || octets[index + 1] != '\n') {
            *out++ = octets[index];
        }
    }
    *out = '\0';
    return text;
}

bool header_add(struct header *header, const char *name, size_t name_length, const char *value, size_t value_length)
{
    struct field *larger;
    struct field field;

    if (header->count >= MOST_FIELDS || name_length + value_length > MOST || header->octets > MOST - name_length - value_length) {
        return false;
    }
    larger = realloc(header->fields, (header->count + 1) * sizeof *larger);
    if (larger == NULL) {
        return false;
    }
    header->fields = larger;
    field.name = without_cr(name, name_length);
    field.value = without_cr(value, value_length);
    if (field.name == NULL || field.value == NULL) {
        free(field.name);
        free(field.value);
        return false;
    }
    header->fields[header->count++] = field;
    header->octets += name_length + value_length;
    return true;
}

void header_clear(struct header *header)
{
    size_t index;

    for (index = 0; index < header->count; index++) {
        free(header->fields[index].name);
        free(header->fields[index].value);
    }
    free(header->fields);
    memset(header, 0, sizeof *header);
}

static bool is_named(const struct field *field, const char *name)
{
    size_t length = strlen(field->name);

    /* Blanks before the colon (RFC 5322 section 4.5). */
    while (length > 0 && (field->name[length - 1] == ' ' || field->name[length - 1] == '\t')) {
        length--;
    }
    return length == strlen(name) && strncasecmp(field->name, name, length) == 0;
}

static bool may_stay(const char *value, const char *authserv_id)
{
    return mailseal_authentication_results_may_stay(authserv_id, (const uint8_t *)value, strlen(value));
}

/* Whether results stand behind a CR alone, which is the end of a line to some readers. */
static bool hides_results(const char *value)
{
    const char *rest;

    for (value = strchr(value, '\r'); value != NULL; value = strchr(value, '\r')) {
        value++;
        if (strncasecmp(value, RESULTS, sizeof RESULTS - 1) == 0) {
            rest = value + sizeof RESULTS - 1;
            if (rest[strspn(rest, " \t")] == ':') {
                return true;
            }
        }
    }
    return false;
}

bool field_is_forged(const struct field *field, const char *authserv_id)
{
    return hides_results(field->value) || (is_named(field, RESULTS) && !may_stay(field->value, authserv_id));
}

static bool write_folded(struct letter *letter, const char *value)
{
    for (;;) {
        size_t length = strcspn(value, "\n");
        if (!letter_write(letter, value, length) || !letter_write(letter, "\r\n", 2)) {
            return false;
        }
        if (value[length] == '\0') {
            return true;
        }
        value += length + 1;
    }
}

bool header_write(const struct header *header, const char *authserv_id, struct letter *letter)
{
    size_t index;

    for (index = 0; index < header->count; index++) {
        const struct field *field = &header->fields[index];
        if (field_is_forged(field, authserv_id)) {
            continue;
        }
        if (!letter_write(letter, field->name, strlen(field->name)) || !letter_write(letter, ":", 1)
            || !write_folded(letter, field->value)) {
            return false;
        }
    }
    return letter_write(letter, "\r\n", 2);
}

/* Which one of its name it is, from 1: what a server counts by. */
static int place_of(const struct header *header, size_t index)
{
    int place = 1;
    size_t before;

    for (before = 0; before < index; before++) {
        place += strcasecmp(header->fields[before].name, header->fields[index].name) == 0;
    }
    return place;
}

/* The field of that name and place, or NULL. */
static const struct field *at_place(const struct header *header, const char *name, int place)
{
    size_t index;

    for (index = 0; index < header->count; index++) {
        if (strcasecmp(header->fields[index].name, name) == 0 && --place == 0) {
            return &header->fields[index];
        }
    }
    return NULL;
}

/* NULL removes it. */
static bool change(SMFICTX *ctx, const char *name, int place, const char *value)
{
    return smfi_chgheader(ctx, (char *)name, place, (char *)value) == MI_SUCCESS;
}

int header_remove_forged(SMFICTX *ctx, const struct header *header, const char *authserv_id)
{
    int removed = 0;
    size_t index;

    /* From the end, so that the places of those before do not move. */
    for (index = header->count; index-- > 0;) {
        const struct field *field = &header->fields[index];
        if (!field_is_forged(field, authserv_id)) {
            continue;
        }
        if (!change(ctx, field->name, place_of(header, index), NULL)) {
            return -1;
        }
        removed++;
    }
    return removed;
}

const char *field_value(const struct field *field, bool leading)
{
    return !leading && field->value[0] == ' ' ? field->value + 1 : field->value;
}

bool header_change(SMFICTX *ctx, const struct header *old, const struct header *new, bool leading)
{
    size_t index;

    for (index = old->count; index-- > 0;) {
        const struct field *was = &old->fields[index];
        int place = place_of(old, index);
        const struct field *is = at_place(new, was->name, place);
        if (is == NULL) {
            if (!change(ctx, was->name, place, NULL)) {
                return false;
            }
        } else if (strcmp(was->value, is->value) != 0 && !change(ctx, was->name, place, field_value(is, leading))) {
            return false;
        }
    }
    for (index = 0; index < new->count; index++) {
        const struct field *is = &new->fields[index];
        if (at_place(old, is->name, place_of(new, index)) == NULL
            && smfi_addheader(ctx, is->name, (char *)field_value(is, leading)) != MI_SUCCESS) {
            return false;
        }
    }
    return true;
}
