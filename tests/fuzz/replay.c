/* Gives files to a fuzz target without libFuzzer: replay FILE-OR-DIRECTORY... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        if (file != NULL) fclose(file);
        return 1;
    }
    /* Exactly as long as the file, so that AddressSanitizer sees a read past its end. */
    uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
    int good = bytes != NULL && fread(bytes, 1, (size_t)size, file) == (size_t)size;
    fclose(file);
    if (good) LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
    return good ? 0 : 1;
}

static int replay(const char *path, unsigned *files) {
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        ++*files;
        return replay_file(path);
    }
    DIR *directory = opendir(path);
    if (directory == NULL) return 1;
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char inner[4096];
        if (entry->d_name[0] == '.') continue;
        int length = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (length > 0 && (size_t)length < sizeof inner) failed |= replay(inner, files);
    }
    closedir(directory);
    return failed;
}

int main(int argc, char **argv) {
    unsigned files = 0;
    int failed = 0;
    for (int i = 1; i < argc; i++) failed |= replay(argv[i], &files);
    printf("replayed %u files\n", files);
    return failed;
}
