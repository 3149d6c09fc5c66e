#!/usr/bin/env python3
"""Writes the roots that Mozilla trusts for e-mail, as NSS's module of built-in objects has them.

    generate.py FOLDER DATE NSS-VERSION [libnssckbi.so]

writes FOLDER/roots.der, the certificates one after the other, and FOLDER/roots.tsv, a line for each: SHA-256 of the
certificate, the day after which what it issues is no longer believed (or "-"), its label. DATE is the day that this
NSS-VERSION came out; both stand in the first line, with the version of the list itself.

Never from a bundle for TLS: only this module says what a root is for. A root is taken where its trust object says
CKT_NSS_TRUSTED_DELEGATOR of CKA_TRUST_EMAIL_PROTECTION (nssckbi, pkcs11n.h).
"""

import ctypes
import ctypes.util
import glob
import hashlib
import sys

Ulong = ctypes.c_ulong
OK = 0
CKF_SERIAL_SESSION = 4
CKA_CLASS, CKA_LABEL, CKA_VALUE, CKA_ISSUER, CKA_SERIAL_NUMBER = 0x00, 0x03, 0x11, 0x81, 0x82
CKO_CERTIFICATE = 1
CKO_NSS_TRUST = 0xCE534350 + 3
CKA_TRUST_EMAIL_PROTECTION = 0xCE534350 + 0x2000 + 11
CKA_NSS_EMAIL_DISTRUST_AFTER = 0xCE534350 + 36
CKT_NSS_TRUSTED_DELEGATOR = 0xCE534350 + 2
# Places of functions in CK_FUNCTION_LIST (PKCS #11 2.40, pkcs11f.h), from 0.
INITIALIZE, GET_INFO, GET_SLOT_LIST, OPEN_SESSION = 0, 2, 4, 12
GET_ATTRIBUTE, FIND_INIT, FIND, FIND_FINAL = 24, 26, 27, 28


class Version(ctypes.Structure):
    _fields_ = [("major", ctypes.c_ubyte), ("minor", ctypes.c_ubyte)]


class FunctionList(ctypes.Structure):
    _fields_ = [("version", Version), ("functions", ctypes.c_void_p * 68)]


class Attribute(ctypes.Structure):
    _fields_ = [("type", Ulong), ("value", ctypes.c_void_p), ("length", Ulong)]


class Info(ctypes.Structure):
    _fields_ = [("cryptoki", Version), ("manufacturer", ctypes.c_char * 32), ("flags", Ulong),
                ("description", ctypes.c_char * 32), ("module", Version)]


class Module:
    def __init__(self, path):
        functions = ctypes.POINTER(FunctionList)()
        assert ctypes.CDLL(path).C_GetFunctionList(ctypes.byref(functions)) == OK
        self.functions = functions.contents.functions
        self.call(INITIALIZE, None)
        slots, count = (Ulong * 8)(), Ulong(8)
        self.call(GET_SLOT_LIST, ctypes.c_ubyte(1), slots, ctypes.byref(count))
        assert count.value > 0
        info = Info()
        self.call(GET_INFO, ctypes.byref(info))
        self.version = f"{info.module.major}.{info.module.minor}"
        session = Ulong()
        self.call(OPEN_SESSION, slots[0], Ulong(CKF_SERIAL_SESSION), None, None, ctypes.byref(session))
        self.session = session

    def call(self, place, *arguments):
        arguments = [Ulong(one) if isinstance(one, int) else one for one in arguments]
        status = ctypes.CFUNCTYPE(Ulong)(self.functions[place])(*arguments)
        assert status == OK, f"function {place}: status {status:#x}"

    def objects(self, kind):
        wanted = Ulong(kind)
        template = Attribute(CKA_CLASS, ctypes.cast(ctypes.byref(wanted), ctypes.c_void_p), ctypes.sizeof(wanted))
        self.call(FIND_INIT, self.session, ctypes.byref(template), Ulong(1))
        found, (handles, count) = [], ((Ulong * 64)(), Ulong(1))
        while count.value:
            self.call(FIND, self.session, handles, Ulong(64), ctypes.byref(count))
            found.extend(handles[: count.value])
        self.call(FIND_FINAL, self.session)
        return found

    def get(self, handle, kind):
        buffer = ctypes.create_string_buffer(16384)
        attribute = Attribute(kind, ctypes.cast(buffer, ctypes.c_void_p), len(buffer))
        try:
            self.call(GET_ATTRIBUTE, self.session, handle, ctypes.byref(attribute), Ulong(1))
        except AssertionError:
            return b""
        return buffer.raw[: attribute.length]


def day(text):
    """YYMMDDHHMMSSZ, or one octet 0 for never."""
    if len(text) != 13:
        assert text in (b"\0", b""), text
        return "-"
    text = text.decode("ascii")
    assert text[6:] in ("000000Z", "235959Z"), text
    return f"20{text[:2]}-{text[2:4]}-{text[4:6]}T{text[6:8]}:{text[8:10]}:{text[10:12]}Z"


def main():
    folder, date, nss = sys.argv[1:4]
    path = sys.argv[4] if len(sys.argv) > 4 else (glob.glob("/usr/lib/*/libnssckbi.so") + ["libnssckbi.so"])[0]
    module = Module(path)
    delegator = CKT_NSS_TRUSTED_DELEGATOR.to_bytes(ctypes.sizeof(Ulong), sys.byteorder)
    trusted = {
        (module.get(one, CKA_ISSUER), module.get(one, CKA_SERIAL_NUMBER))
        for one in module.objects(CKO_NSS_TRUST)
        if module.get(one, CKA_TRUST_EMAIL_PROTECTION) == delegator
    }
    roots = []
    for one in module.objects(CKO_CERTIFICATE):
        if (module.get(one, CKA_ISSUER), module.get(one, CKA_SERIAL_NUMBER)) in trusted:
            der = module.get(one, CKA_VALUE)
            label = " ".join(module.get(one, CKA_LABEL).rstrip(b"\0").decode("utf-8").split())
            roots.append((label, hashlib.sha256(der).hexdigest().upper(),
                          day(module.get(one, CKA_NSS_EMAIL_DISTRUST_AFTER)), der))
    assert len(roots) == len(trusted) > 50, (len(roots), len(trusted))
    roots.sort()
    with open(f"{folder}/roots.der", "wb") as file:
        file.writelines(root[3] for root in roots)
    with open(f"{folder}/roots.tsv", "w", encoding="utf-8") as file:
        file.write(f"{date}\tNSS {nss}, built-in objects {module.version}\n")
        file.writelines(f"{fingerprint}\t{after}\t{label}\n" for label, fingerprint, after, _ in roots)


main()
