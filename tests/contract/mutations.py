"""Bodies to POST: valid clients, each changed in one or two ways. The changes are where Hydra's releases, Go's
JSON, net/url and go-jose are known to be surprising, and ordinary values beside them.

A body is text, not an object: duplicate keys, 1e400 and broken UTF-8 are among the changes.
"""

import json
import random

# Keys made for this file; nothing else uses them.
RSA_N = "zqkN0AtBCp4EA8RJeNYgpVVD4WU0xZOpZfKJ-aiFJpuyPiG9sLU6gGqg32iRZF_jabcU0P23dGfiyZhWYlvEjYO5ceWrJ5nJzXGVUQzxSujtsXiBPMbkSGRRHMrdgBT2YKzErgT8hqSlD4zvEZB4efq_sHJZQf3FnwnNcO8LEac"
RSA_D = "IXnQ-vpXttiR3epV3HUTJLUDIee6_KZGsnTvVLmvl-lwng_pIk65A0RCeu39Xz0JIX6-qHvw07JgUjeTBqvG0rsIxpzI5J01CeahhJ_GuvGUtagaZLhtNGLz9fPJkwQ7Ia4Xx-uyvyZVQ06zKx9uYu9RWpnasG2VbgF8whHnhEE"
RSA_P = "7x_bculYvlVleDg-fLAMlCQ5hy10WwKMEbqJ0-jyz8FhSR7ESJJ792hjEeXe1EXudsJF2xZ9z_EFji2TXUyjHQ"
RSA_Q = "3T6vM0yskF7SLrgM8A2rUkmVV8PAQDx7sRvbgd3RCXKWmyw7EBNahJ4_90-Rlll0_-6D-nwzStHP6VPFS0qIkw"
RSA_DP = "IIZCwQSAL5NJ8-oiha8kZtnugTZrhx13k8m9iXc734o8A0gOBpj2B5bJMtwDTPgeEUUnXz9V6Xys9sO4MY6E-Q"
RSA_DQ = "TFeS8OqmKPLvJ7vOiw7MbQqDA9PCBOhZ7hUkuz0lIlNt8IFkp_llpJlOjTHhlLWtj5pn5AjzUf_v9B052O8RDQ"
RSA_QI = "ic-u_33MQvoDIyfNneLixK_Od6QLOsxJW4KIhWqXRmfWanV_0iz44y42ikvMU185SYgafxrkuqpvsyk6iTurZw"
RSA_CERTIFICATE = "MIIB9jCCAV+gAwIBAgIUEd0noKj68ZeKh8RFy2QMFOZriXIwDQYJKoZIhvcNAQELBQAwDDEKMAgGA1UEAwwBdDAgFw0yNjExMjMxOTI0NDZaGA8yMTI2MTAzMDE5MjQ0NlowDDEKMAgGA1UEAwwBdDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAzqkN0AtBCp4EA8RJeNYgpVVD4WU0xZOpZfKJ+aiFJpuyPiG9sLU6gGqg32iRZF/jabcU0P23dGfiyZhWYlvEjYO5ceWrJ5nJzXGVUQzxSujtsXiBPMbkSGRRHMrdgBT2YKzErgT8hqSlD4zvEZB4efq/sHJZQf3FnwnNcO8LEacCAwEAAaNTMFEwHQYDVR0OBBYEFFTozqQGLQKPckXUlwkQ3OXi8+niMB8GA1UdIwQYMBaAFFTozqQGLQKPckXUlwkQ3OXi8+niMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADgYEAlgJlc7AuokJs7G0XXSwTIf1H2aL91xj3QcbVmmSNWi8NMpmAOiQU614wkKETNr6dhTJKOe09pU+1OZ2dW+Kl5XTZTZbaNhLHEVIegLlP/aKZ8K/dBX0CIfZkLmH44txCpz86ZRqOE+nBnBhLLwrkB8iu85FupopMcT99ZinWP48="
RSA_X5T = "BtPF0P7eRLqGvQNV0Q29LhKuD-U"
RSA_X5T_S256 = "w3PUbvTxZk3C0-0AQV-fy-N1GsawiVVK32G95UjbAkI"
P256 = {"crv": "P-256", "x": "qff6zwVRGouXZbaDyOB-C4IxX5XW0uQmBatXtgiigok", "y": "HSkYoFb75Phgb-O9v7ZDZFqDTentZmawJ3Fx88a9xBA"}
P384 = {"crv": "P-384", "x": "E56F0xgBJeaN5U_UcAu8Ds9wC7M0OsxSUcSTwhHW-YhdPVCE4IhYvGZebNuDbnHF", "y": "MPi8KqJDgiD-Z-hQfySTOLVCeoYLxsf6XPIGpMlDHPPC5ry5evFjXRRgiSBg4CJr"}
P521 = {"crv": "P-521", "x": "ABuYnqKIxXbBpRNplYcihElOBC7oHveivMmSeW53qNpF8iCqQS19nkOvV_KH357ZUqP2yFWb-FHpRLdrpoRfev9f", "y": "AIFKwn_G6yKj-mmMxARw2RSAQ3O2tQtymxLCkNlA_kQ4U7ydc5jstsuAj9YxKHYV4HX9mUANfZqSYd4XiugMzkbb"}
P256_D = "p2dvPo0l3i7uozS0bwFpocEbVnzMVHCFnxy0vphKw0U"
ED25519_X = "8Vekei54VEOVQDu34tx0WoWOcSDKxAC-lGghGwE6m54"
ED25519_D = "vaOk5q0_aZF1VVWbXs1c8xfl1dGF7LZkLrTw8GNkm5c"


def _key(**members):
    return json.dumps({name.replace("_S256", "#S256"): value for name, value in members.items()})


def _rsa(**changes):
    members = {"kty": "RSA", "n": RSA_N, "e": "AQAB", **changes}
    return _key(**{name: value for name, value in members.items() if value is not None})


def _rsa_private(**changes):
    return _rsa(**{"d": RSA_D, "p": RSA_P, "q": RSA_Q, "dp": RSA_DP, "dq": RSA_DQ, "qi": RSA_QI, **changes})


def _ec(curve=P256, **changes):
    members = {"kty": "EC", **curve, **changes}
    return _key(**{name: value for name, value in members.items() if value is not None})


def _set(*keys):
    return '{"keys":[' + ",".join(keys) + "]}"


_TEXT = ['"plain"', '""', "null", "5", "true", "[]", "{}", r'"\u00e9\ud83d\ude00<>&"', r'"\ud800 lone"', '"a b|c"']
_URI = ['"https://app.example/page"', '"http://app.example"', '"not a uri"', '"//host/x"', '"https:"', '"https://"',
        '"https:opaque"', '"ftp://app.example/"', '"https://app.example/#part"', '"/path"', '"javascript:alert(1)"',
        '"https://app.example/%zz"', "5"]
_LIST = ['["one"]', '["one","two","one"]', "[]", "null", "[null]", '[""]', '["a|b","c"]', r'["first","a\\","last"]',
         '["|","x"]', '["","y",""]', '"text"', "{}", "[5]", '[["a"]]', r'["\u2028<>&"]', '["a\\\\|b"]']
_FLAG = ["true", "false", "null", '"true"', "1", "[]"]
_LIFESPAN = ['"1h"', '"90m"', '"1h30m0.5s"', '"0.5us"', '"1500ms"', '"0"', '"-1h"', '"0.0000000001s"', '"+1s"',
             '".5h"', '"1"', '""', "null", "5", '"1d"', '"9223372036854775807ns"', '"9223372036854775808ns"',
             '"2562047h47m16.854775807s"', '"1h "', '"1\u00b5s"', '"100000000000000000000h"', '"99999h"']
_REDIRECT = ["https://app.example/cb", "http://127.0.0.1:8080/cb", "com.example.app:/cb", "com.example.app://cb",
             "urn:ietf:wg:oauth:2.0:oob", "*", "//host/cb", "https:", "https://", "localhost:8080/cb", "localhost/cb",
             "/cb", "cb", "", "https://app.example/cb#part", "https://app.example/#", "https://app.example:99999/cb",
             "https://app.example:x/cb", "https://app.example:/cb", "https://a:1:2/cb", "https://::1/cb",
             "https://[::1]/cb", "https://[::1]:80/cb", "https://[::1/cb", "https://[name]/cb", "https://[127.0.0.1]/cb",
             "https://[fe80::1%25en0]/cb", "https://[fe80::1%en0]/cb", "https://a[::1]/cb", "https://app.example/a b",
             "https://app example/cb", "https://app.example/%zz", "https://%41.example/cb", "https://%C3%A9.example/cb",
             "https://b\u00fccher.example/cb", "https://user@app.example/cb", "https://us er@app.example/cb",
             "https://\u00e9@app.example/cb", "https://u:p:q@app.example/cb", "https://a@b@app.example/cb",
             "https://app.example/\u0007", "https://app.example/\u007f", "javascript:alert(1)", "ht_tp://app.example/cb",
             "1http://app.example/cb", "HTTPS://APP.EXAMPLE/CB", "https://app.example/cb?x=%zz", "https://<>,\"'/cb",
             "https://a^b/cb", "https://a{b}/cb", "https://a\\b/cb", "://app.example/cb", ":", "a:b", "?", "/?", "https:///cb"]
_ORIGIN = ["https://app.example", "https://app.example/", "https://app.example///", "HTTPS://App.Example", "http://a.example:80",
           "https://a.example:99999", "https://b\u00fccher.example", "https://", "https:", "https:a.example", "https:///",
           "https://@a.example", "https://u@a.example", "https://a.example?", "https://a.example?x", "https://a.example#",
           "https://a.example#x", "https://a.example/path", "https://a.example/%2f", "https://a.example:", "*", "", "null",
           "ftp://a.example", "https://[::1]:8080", "https://*.example", "//a.example", "https://a.example:1:2",
           "https://a b", "https://%41.example", "https://%E4.example", "a.example", "https:/"]
_LOGOUT = ["https://app.example/bye", "https://app.example/cb", "https://other.example/", "https://APP.EXAMPLE/", "/bye",
           "https://app.example:443/", "https://app.example:/", "https://u:p@app.example/", "https://app.example/#x",
           "http://app.example/", "https://%61pp.example/", "https://", ""]
_METADATA = ["{}", "null", "[]", '"text"', "5", "1e400", "-0", "1.0", "12345678901234567890123", '{"a":1,"a":2}',
             '{ "b" : [ 1 , 2 ], "a" : "<>&" }', r'{"u":"\u003c\ud800"}', '{"u":"\u2028\udcff"}', "true", "[[[[]]]]", "{1}"]
_JWKS = ["{}", "null", "[]", '"x"', "5", '{"keys":[]}', '{"keys":null}', '{"keys":{}}', '{"KEYS":[]}', '{"keys":[null]}',
         '{"keys":[5]}', '{"keys":[{}]}', '{"keys":[],"other":1}', _rsa(), _set(_rsa()), _set(_rsa(kid="k", use="sig", alg="RS256")),
         _set(_rsa(key_ops=["verify"], ext=True)), _set(_rsa(), _rsa(kid="2")), _set(_rsa(n=None)), _set(_rsa(e=None)),
         _set(_rsa(n="")), _set(_rsa(e="AAEAAQ")), _set(_rsa(e="AQAAAAAAAAAB")), _set(_rsa(n="AA" + RSA_N)), _set(_rsa(n=RSA_N + "=")),
         _set(_rsa(n=RSA_N[:20] + "\n" + RSA_N[20:])), _set(_rsa(n=RSA_N + "!")), _set(_rsa(n=5)), _set(_rsa(kid=5)), _set(_rsa(kid=None)),
         _set(_rsa(KID="upper")), _set(_rsa()[:-1] + ',"kid":"a","kid":"b"}'), _set(_rsa()[:-1] + ',"other":{"a":1,"a":2}}'),
         _set(_rsa_private()), _set(_rsa_private(dp=None, dq=None, qi=None)), _set(_rsa_private(p=None)), _set(_rsa_private(d=RSA_P)),
         _set(_rsa_private(p=RSA_Q, q=RSA_P, dp=None, dq=None, qi=None)), _set(_rsa_private(dp=RSA_DQ)), _set(_rsa(kty="rsa")), _set(_rsa(kty=None)),
         _set(_rsa(x5c=[RSA_CERTIFICATE])), _set(_rsa(x5c=[RSA_CERTIFICATE], x5t=RSA_X5T)), _set(_rsa(x5c=[RSA_CERTIFICATE], x5t_S256=RSA_X5T_S256)),
         _set(_rsa(x5c=[RSA_CERTIFICATE], x5t=RSA_X5T_S256)), _set(_rsa(x5c=["AAAA"])), _set(_rsa(x5c="text")), _set(_rsa(x5c=[])),
         _set(_ec(x5c=[RSA_CERTIFICATE])), _set(_rsa(x5t=RSA_X5T)), _set(_rsa(x5t="AA")), _set(_rsa(x5u="https://a.example/x")), _set(_rsa(x5u=None)),
         _set(_ec()), _set(_ec(P384)), _set(_ec(P521)), _set(_ec(crv="secp256k1")), _set(_ec(crv=None)), _set(_ec(y=P256["x"])), _set(_ec(x=P256["x"][:-4])),
         _set(_ec(d=P256_D)), _set(_ec(d=P256["x"])), _set(_ec(d=P256_D[:-4])), _set(_ec(P521, crv="P-384")),
         _set(_key(kty="OKP", crv="Ed25519", x=ED25519_X)), _set(_key(kty="OKP", crv="Ed25519", x=ED25519_X, d=ED25519_D)),
         _set(_key(kty="OKP", crv="Ed25519", x="AQID")), _set(_key(kty="OKP", crv="Ed25519", x=ED25519_X + "AAAA")), _set(_key(kty="OKP", crv="X25519", x=ED25519_X)),
         _set(_key(kty="OKP", crv="Ed25519", d=ED25519_D)), _set(_key(kty="oct", k="AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75")),
         _set(_key(kty="oct")), _set(_key(kty="oct", k=RSA_N, kid="<&>"))]

# Keys that v1 stores and cannot read again: every page that holds them is a 500.
POISON = [_set(_rsa(e="AA")), _set(_rsa(e="")), _set(_rsa(e="AQAAAAAAAAAA")), _set(_key(kty="oct", k=""))]

MENU = {
    "client_name": _TEXT, "owner": _TEXT, "scope": _TEXT + ['"openid  offline openid"'],
    "redirect_uris": [json.dumps([uri]) for uri in _REDIRECT] + _LIST,
    "grant_types": _LIST, "response_types": _LIST[:6], "audience": _LIST, "contacts": _LIST[:9], "request_uris": _LIST,
    "allowed_cors_origins": [json.dumps([origin]) for origin in _ORIGIN] + ['["https://a.example/","http://b.example"]', "null", "[]", "5"],
    "post_logout_redirect_uris": [json.dumps([uri]) for uri in _LOGOUT] + ["null", "[]"],
    "policy_uri": _URI, "tos_uri": _URI, "client_uri": _URI, "logo_uri": _URI,
    "jwks_uri": ['"https://app.example/jwks"', '""', '"x"', "5"], "jwks": _JWKS,
    "subject_type": ['"public"', '"pairwise"', '"Public"', '""', "null", "5"],
    "sector_identifier_uri": ['""', '"http://127.0.0.1:1/x"', '"https://127.0.0.1:1/x"', '":"', "5"],
    "token_endpoint_auth_method": ['"none"', '"client_secret_post"', '"private_key_jwt"', '"other"', '""', "null", "5"],
    "token_endpoint_auth_signing_alg": ['"RS256"', '"HS256"', '""', "5"],
    "request_object_signing_alg": ['"RS256"', '"any"', '""'],
    "userinfo_signed_response_alg": ['"none"', '"RS256"', '"ES256"', '""', "null", "5"],
    "client_secret": ['"secret"', '"short"', '""', "null", "5", r'"\u00e9\u00e9\u00e9"', '"' + "x" * 80 + '"'],
    "client_secret_expires_at": ["0", "5", "-5", "1.0", "1e3", "9223372036854775808", "null", '"0"'],
    "created_at": ['"2020-01-01T00:00:00Z"', '"2020-01-01T00:00:00.123+02:00"', '"2020-02-30T00:00:00Z"', '"2020-01-01"', '"x"', '""', "null", "5"],
    "updated_at": ['"2020-01-01T00:00:00Z"', '"x"', "null"],
    "frontchannel_logout_uri": _URI[:4], "backchannel_logout_uri": _URI[:4],
    "frontchannel_logout_session_required": _FLAG, "backchannel_logout_session_required": _FLAG,
    "skip_consent": _FLAG, "skip_logout_consent": _FLAG,
    "access_token_strategy": ['"jwt"', '"opaque"', '"JWT"', '"other"', '""', "null", "5"],
    "metadata": _METADATA,
    "authorization_code_grant_access_token_lifespan": _LIFESPAN,
    "jwt_bearer_grant_access_token_lifespan": _LIFESPAN[:4], "password_grant_access_token_lifespan": ['"1h"', "5"],
    "device_authorization_grant_id_token_lifespan": ['"1h"', "5"], "refresh_token_grant_id_token_lifespan": ['"1h"', '"x"'],
    "registration_access_token": ['"x"', "5"], "registration_client_uri": ['"x"', "5"],
    "unknown_member": ['"x"', "5"], "id": ['"x"'], "nid": ['"x"'], "pk": ["5"],
    "CLIENT_NAME": ['"upper"', "5"], "client\u017fecret": ['"long s, folded"'], "to\u212aen_endpoint_auth_method": ['"none"'],
}

BASE = {
    "client_name": '"An app"', "redirect_uris": '["https://app.example/cb"]', "grant_types": '["authorization_code"]',
    "response_types": '["code"]', "scope": '"openid offline"', "client_secret": '"a secret of mine"',
}


def _body(client_id, members):
    parts = ['"client_id":' + json.dumps(client_id, ensure_ascii=False)] if client_id is not None else []
    return "{" + ",".join(parts + [json.dumps(name, ensure_ascii=False) + ":" + value for name, value in members]) + "}"


def _whole_bodies():
    """Changes of the text as a whole, with an id where it can have one."""
    return [
        ("empty", ""), ("white space", " \n"), ("null", "null"), ("no members", "{}"), ("array", "[]"), ("text", '"x"'), ("number", "5"),
        ("open", "{"), ("open string", '{"client_name":"x'), ("trailing comma", '{"client_name":"x",}'), ("single quotes", "{'a':1}"),
        ("comment", '{"client_name":"x"/**/}'), ("byte order mark", "\ufeff{}"), ("control in a string", '{"client_name":"a\tb"}'),
        ("bad escape", r'{"client_name":"\x"}'), ("bad unicode escape", r'{"client_name":"\u12g4"}'), ("bad number", '{"client_secret_expires_at":01}'),
        ("half a number", '{"client_secret_expires_at":1.}'), ("nul", '{"client_name":"x"}\0'), ("literal", '{"client_name":nul}'),
        ("deep", '{"metadata":' + "[" * 9998 + "]" * 9998 + "}"), ("too deep", '{"metadata":' + "[" * 10001 + "]" * 10001 + "}"),
        ("missing colon", '{"client_name" "x"}'), ("broken utf-8", '{"client_name":"a\udcffb\udce2\udc82","metadata":{"a":"\udcff"}}'), ("missing comma", '{"a":1 "b":2}'), ("utf-16", "\udcff\udcfe{\0}\0"),
    ]


class Case:
    def __init__(self, name, body, client_id):
        self.name = name
        self.body = body
        self.client_id = client_id


def cases(pairs, seed, chosen_ids=True):
    """Every single change, then `pairs` bodies with two changes, the same for the same seed."""
    made = []

    def add(name, members):
        client_id = "case-%04d" % len(made) if chosen_ids else None
        made.append(Case(name, _body(client_id, members), client_id))

    add("unchanged", BASE.items())
    for field, values in MENU.items():
        for value in values:
            add(f"{field}={value}", {**BASE, field: value}.items())
    for first, second in [("client_name", '5'), ("redirect_uris", '[null]'), ("grant_types", "null"), ("metadata", '{"b":2}'),
                          ("jwks", _set(_ec())), ("client_id", '"second"'), ("Client_Name", '"folded"')]:
        add(f"{first} twice", [*BASE.items(), ("jwks", _set(_rsa())), ("metadata", '{"a":1}'), (first, second)])
    add("wrong, then right", [("owner", "5"), ("owner", '"x"')])
    add("right, then null", [("owner", '"x"'), ("owner", "null")])
    for method in ('"private_key_jwt"', '"none"'):
        for key_members in ([("jwks", "{}")], [("jwks", '{"keys":null}')], [("jwks", '{"keys":[]}')], [("jwks_uri", '"https://a.example/k"')],
                            [("jwks", _set(_rsa())), ("token_endpoint_auth_signing_alg", '"ES512"')],
                            [("jwks", _set(_rsa())), ("token_endpoint_auth_signing_alg", '"HS256"')],
                            [("jwks", _rsa())], [("jwks", "null")]):
            add(f"auth method {method} with {key_members}", [*BASE.items(), ("token_endpoint_auth_method", method), *key_members])
    for keys in ("{}", '{"keys":null}', '{"keys":[]}', "null", _rsa(), _set(_ec())):
        add(f"jwks_uri and jwks {keys}", [*BASE.items(), ("jwks_uri", '"https://a.example/k"'), ("jwks", keys)])
    for redirect in ("*", "/cb", "https://app.example:443/cb", "https://APP.example/cb", "https://app.example:/cb", "com.app:/cb", "com.app:x"):
        for logout in ("/bye", "https://app.example/bye", "https://app.example:443/x", "com.app:/y", "https://app.EXAMPLE/"):
            add(f"redirect {redirect} and logout {logout}",
                {**BASE, "redirect_uris": json.dumps([redirect]), "post_logout_redirect_uris": json.dumps([logout])}.items())
    chance = random.Random(seed)
    fields = sorted(MENU)
    for _ in range(pairs):
        chosen = chance.sample(fields, 2)
        changes = {field: chance.choice(MENU[field]) for field in chosen}
        add("; ".join(f"{field}={value}" for field, value in changes.items()), {**BASE, **changes}.items())
    made.extend(Case(f"body: {name}", body, None) for name, body in _whole_bodies())
    for odd_id in ("", "with space", "quote\"<>&", "\u00e9\u2028", "percent%41", "x/..", "a/b", "trailing/", "question?", "hash#", "-", ".", "..", "x" * 300):
        made.append(Case(f"id {odd_id}", _body(odd_id, BASE.items()), odd_id))
    return made
