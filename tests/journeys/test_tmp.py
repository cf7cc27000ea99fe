import time
def test_it(visit):
    for js in (True, False):
        p = visit(java_script_enabled=js).new_page()
        r = p.goto("/screening/q/who/")
        print(r.status, p.title(), p.evaluate("document.activeElement.tagName"))
        for i in range(12):
            t=time.time(); p.keyboard.press("Tab")
            print(p.evaluate("(() => {const e=document.activeElement, s=getComputedStyle(e); return [e.tagName,e.id,e.type,(e.textContent||'').trim().slice(0,20),s.outlineStyle,s.outlineWidth,e.matches(':focus-visible')]})()"), time.time()-t)
    p = visit().new_page()
    p.goto("/nothing/")
    print(p.title())
    p.goto("/admin/login/"); print(p.title())
