"""Names of weaknesses as CWE has them (MITRE, CWE 4.17): those met most, for forms that ask for the name too."""

from __future__ import annotations

from types import MappingProxyType

VERSION = "4.17"
_PATH = "Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')"
NAMES = MappingProxyType(
    {
        "CWE-20": "Improper Input Validation",
        "CWE-22": _PATH,
        "CWE-59": "Improper Link Resolution Before File Access ('Link Following')",
        "CWE-77": "Improper Neutralization of Special Elements used in a Command ('Command Injection')",
        "CWE-78": "Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')",
        "CWE-79": "Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')",
        "CWE-89": "Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')",
        "CWE-94": "Improper Control of Generation of Code ('Code Injection')",
        "CWE-119": "Improper Restriction of Operations within the Bounds of a Memory Buffer",
        "CWE-120": "Buffer Copy without Checking Size of Input ('Classic Buffer Overflow')",
        "CWE-121": "Stack-based Buffer Overflow",
        "CWE-122": "Heap-based Buffer Overflow",
        "CWE-125": "Out-of-bounds Read",
        "CWE-190": "Integer Overflow or Wraparound",
        "CWE-191": "Integer Underflow (Wrap or Wraparound)",
        "CWE-200": "Exposure of Sensitive Information to an Unauthorized Actor",
        "CWE-269": "Improper Privilege Management",
        "CWE-276": "Incorrect Default Permissions",
        "CWE-287": "Improper Authentication",
        "CWE-295": "Improper Certificate Validation",
        "CWE-306": "Missing Authentication for Critical Function",
        "CWE-327": "Use of a Broken or Risky Cryptographic Algorithm",
        "CWE-330": "Use of Insufficiently Random Values",
        "CWE-352": "Cross-Site Request Forgery (CSRF)",
        "CWE-362": "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')",
        "CWE-369": "Divide By Zero",
        "CWE-400": "Uncontrolled Resource Consumption",
        "CWE-401": "Missing Release of Memory after Effective Lifetime",
        "CWE-415": "Double Free",
        "CWE-416": "Use After Free",
        "CWE-434": "Unrestricted Upload of File with Dangerous Type",
        "CWE-476": "NULL Pointer Dereference",
        "CWE-502": "Deserialization of Untrusted Data",
        "CWE-611": "Improper Restriction of XML External Entity Reference",
        "CWE-674": "Uncontrolled Recursion",
        "CWE-770": "Allocation of Resources Without Limits or Throttling",
        "CWE-787": "Out-of-bounds Write",
        "CWE-798": "Use of Hard-coded Credentials",
        "CWE-835": "Loop with Unreachable Exit Condition ('Infinite Loop')",
        "CWE-843": "Access of Resource Using Incompatible Type ('Type Confusion')",
        "CWE-862": "Missing Authorization",
        "CWE-863": "Incorrect Authorization",
        "CWE-908": "Use of Uninitialized Resource",
        "CWE-918": "Server-Side Request Forgery (SSRF)",
    }
)
