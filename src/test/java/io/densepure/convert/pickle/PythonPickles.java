package io.densepure.convert.pickle;

import java.util.List;

/** One Python object, pickled by CPython 3.11 in each protocol. */
final class PythonPickles {
  private PythonPickles() {}

  /*
   * shared = ['x']
   * o = {'ints': [0, -1, 255, 65536, -2**31, 2**40, 2**70, -2**63],
   *      'floats': [1.5, float('-inf'), 1e-300], 'none': None, 'bools': [True, False],
   *      'text': 'ü€\U0001f600\n\\', 'bytes': b'\x00\xff\n',
   *      'tuples': [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)], 'set': {7},
   *      'same': [shared, shared], 3: 'three',
   *      'od': collections.OrderedDict([('b', 1), ('a', 2)]), 'dict': dict.fromkeys('cab')}
   * for p in range(6): print(base64.b64encode(pickle.dumps(o, p)))
   */
  static final List<String> BY_PROTOCOL =
      List.of(
          "KGRwMApWaW50cwpwMQoobHAyCkkwCmFJLTEKYUkyNTUKYUk2NTUzNgphSS0yMTQ3NDgzNjQ4"
              + "CmFMMTA5OTUxMTYyNzc3NkwKYUwxMTgwNTkxNjIwNzE3NDExMzAzNDI0TAphTC05MjIzMzcy"
              + "MDM2ODU0Nzc1ODA4TAphc1ZmbG9hdHMKcDMKKGxwNApGMS41CmFGLWluZgphRjFlLTMwMAph"
              + "c1Zub25lCnA1Ck5zVmJvb2xzCnA2CihscDcKSTAxCmFJMDAKYXNWdGV4dApwOApW/Fx1MjBh"
              + "Y1xVMDAwMWY2MDBcdTAwMGFcdTAwNWMKcDkKc1ZieXRlcwpwMTAKY19jb2RlY3MKZW5jb2Rl"
              + "CnAxMQooVlx1MDAwMP9cdTAwMGEKcDEyClZsYXRpbjEKcDEzCnRwMTQKUnAxNQpzVnR1cGxl"
              + "cwpwMTYKKGxwMTcKKHRhKEkxCnRwMTgKYShJMQpJMgp0cDE5CmEoSTEKSTIKSTMKdHAyMAph"
              + "KEkxCkkyCkkzCkk0CnRwMjEKYXNWc2V0CnAyMgpjX19idWlsdGluX18Kc2V0CnAyMwooKGxw"
              + "MjQKSTcKYXRwMjUKUnAyNgpzVnNhbWUKcDI3CihscDI4CihscDI5ClZ4CnAzMAphYWcyOQph"
              + "c0kzClZ0aHJlZQpwMzEKc1ZvZApwMzIKY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnAzMwoo"
              + "dFJwMzQKVmIKcDM1CkkxCnNWYQpwMzYKSTIKc3NWZGljdApwMzcKKGRwMzgKVmMKcDM5Ck5z"
              + "VmEKcDQwCk5zVmIKcDQxCk5zcy4=",
          "fXEAKFgEAAAAaW50c3EBXXECKEsASv////9L/0oAAAEASgAAAIBMMTA5OTUxMTYyNzc3NkwK"
              + "TDExODA1OTE2MjA3MTc0MTEzMDM0MjRMCkwtOTIyMzM3MjAzNjg1NDc3NTgwOEwKZVgGAAAA"
              + "ZmxvYXRzcQNdcQQoRz/4AAAAAAAAR//wAAAAAAAARwGlbh/C+PNZZVgEAAAAbm9uZXEFTlgF"
              + "AAAAYm9vbHNxBl1xByhJMDEKSTAwCmVYBAAAAHRleHRxCFgLAAAAw7zigqzwn5iAClxxCVgF"
              + "AAAAYnl0ZXNxCmNfY29kZWNzCmVuY29kZQpxCyhYBAAAAADDvwpxDFgGAAAAbGF0aW4xcQ10"
              + "cQ5ScQ9YBgAAAHR1cGxlc3EQXXERKCkoSwF0cRIoSwFLAnRxEyhLAUsCSwN0cRQoSwFLAksD"
              + "SwR0cRVlWAMAAABzZXRxFmNfX2J1aWx0aW5fXwpzZXQKcRcoXXEYSwdhdHEZUnEaWAQAAABz"
              + "YW1lcRtdcRwoXXEdWAEAAAB4cR5haB1lSwNYBQAAAHRocmVlcR9YAgAAAG9kcSBjY29sbGVj"
              + "dGlvbnMKT3JkZXJlZERpY3QKcSEpUnEiKFgBAAAAYnEjSwFYAQAAAGFxJEsCdVgEAAAAZGlj"
              + "dHElfXEmKFgBAAAAY3EnTlgBAAAAYXEoTlgBAAAAYnEpTnV1Lg==",
          "gAJ9cQAoWAQAAABpbnRzcQFdcQIoSwBK/////0v/SgAAAQBKAAAAgIoGAAAAAAABigkAAAAA"
              + "AAAAAECKCAAAAAAAAACAZVgGAAAAZmxvYXRzcQNdcQQoRz/4AAAAAAAAR//wAAAAAAAARwGl"
              + "bh/C+PNZZVgEAAAAbm9uZXEFTlgFAAAAYm9vbHNxBl1xByiIiWVYBAAAAHRleHRxCFgLAAAA"
              + "w7zigqzwn5iAClxxCVgFAAAAYnl0ZXNxCmNfY29kZWNzCmVuY29kZQpxC1gEAAAAAMO/CnEM"
              + "WAYAAABsYXRpbjFxDYZxDlJxD1gGAAAAdHVwbGVzcRBdcREoKUsBhXESSwFLAoZxE0sBSwJL"
              + "A4dxFChLAUsCSwNLBHRxFWVYAwAAAHNldHEWY19fYnVpbHRpbl9fCnNldApxF11xGEsHYYVx"
              + "GVJxGlgEAAAAc2FtZXEbXXEcKF1xHVgBAAAAeHEeYWgdZUsDWAUAAAB0aHJlZXEfWAIAAABv"
              + "ZHEgY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnEhKVJxIihYAQAAAGJxI0sBWAEAAABhcSRL"
              + "AnVYBAAAAGRpY3RxJX1xJihYAQAAAGNxJ05YAQAAAGFxKE5YAQAAAGJxKU51dS4=",
          "gAN9cQAoWAQAAABpbnRzcQFdcQIoSwBK/////0v/SgAAAQBKAAAAgIoGAAAAAAABigkAAAAA"
              + "AAAAAECKCAAAAAAAAACAZVgGAAAAZmxvYXRzcQNdcQQoRz/4AAAAAAAAR//wAAAAAAAARwGl"
              + "bh/C+PNZZVgEAAAAbm9uZXEFTlgFAAAAYm9vbHNxBl1xByiIiWVYBAAAAHRleHRxCFgLAAAA"
              + "w7zigqzwn5iAClxxCVgFAAAAYnl0ZXNxCkMDAP8KcQtYBgAAAHR1cGxlc3EMXXENKClLAYVx"
              + "DksBSwKGcQ9LAUsCSwOHcRAoSwFLAksDSwR0cRFlWAMAAABzZXRxEmNidWlsdGlucwpzZXQK"
              + "cRNdcRRLB2GFcRVScRZYBAAAAHNhbWVxF11xGChdcRlYAQAAAHhxGmFoGWVLA1gFAAAAdGhy"
              + "ZWVxG1gCAAAAb2RxHGNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApxHSlScR4oWAEAAABicR9L"
              + "AVgBAAAAYXEgSwJ1WAQAAABkaWN0cSF9cSIoWAEAAABjcSNOWAEAAABhcSROWAEAAABicSVO"
              + "dXUu",
          "gASVRAEAAAAAAAB9lCiMBGludHOUXZQoSwBK/////0v/SgAAAQBKAAAAgIoGAAAAAAABigkA"
              + "AAAAAAAAAECKCAAAAAAAAACAZYwGZmxvYXRzlF2UKEc/+AAAAAAAAEf/8AAAAAAAAEcBpW4f"
              + "wvjzWWWMBG5vbmWUTowFYm9vbHOUXZQoiIlljAR0ZXh0lIwLw7zigqzwn5iAClyUjAVieXRl"
              + "c5RDAwD/CpSMBnR1cGxlc5RdlCgpSwGFlEsBSwKGlEsBSwJLA4eUKEsBSwJLA0sEdJRljANz"
              + "ZXSUj5QoSweQjARzYW1llF2UKF2UjAF4lGFoFmVLA4wFdGhyZWWUjAJvZJSMC2NvbGxlY3Rp"
              + "b25zlIwLT3JkZXJlZERpY3SUk5QpUpQojAFilEsBjAFhlEsCdYwEZGljdJR9lCiMAWOUTowB"
              + "YZROjAFilE51dS4=",
          "gAWVRAEAAAAAAAB9lCiMBGludHOUXZQoSwBK/////0v/SgAAAQBKAAAAgIoGAAAAAAABigkA"
              + "AAAAAAAAAECKCAAAAAAAAACAZYwGZmxvYXRzlF2UKEc/+AAAAAAAAEf/8AAAAAAAAEcBpW4f"
              + "wvjzWWWMBG5vbmWUTowFYm9vbHOUXZQoiIlljAR0ZXh0lIwLw7zigqzwn5iAClyUjAVieXRl"
              + "c5RDAwD/CpSMBnR1cGxlc5RdlCgpSwGFlEsBSwKGlEsBSwJLA4eUKEsBSwJLA0sEdJRljANz"
              + "ZXSUj5QoSweQjARzYW1llF2UKF2UjAF4lGFoFmVLA4wFdGhyZWWUjAJvZJSMC2NvbGxlY3Rp"
              + "b25zlIwLT3JkZXJlZERpY3SUk5QpUpQojAFilEsBjAFhlEsCdYwEZGljdJR9lCiMAWOUTowB"
              + "YZROjAFilE51dS4=");
}
