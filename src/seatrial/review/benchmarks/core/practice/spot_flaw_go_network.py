"""Two of spot-flaw-go's templates, about what comes over the network: a picture proxy and a little wire protocol."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.spotting import Template, app

PROXY = Template(
    """
// $origin
package $app

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

var hosts = map[string]bool{"img.$app.example": true, "cdn.$app.example": true}

var client = &http.Client{
	Timeout:   $seconds * time.Second,
	Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
~~> Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
~~> CheckRedirect: func(*http.Request, []*http.Request) error { return nil },
}

// $Picture fetches what a page of anybody's names.
func $Picture(text string) ([]byte, error) {
	target, err := url.Parse(text)
	if err != nil || target.Scheme != "https" || !hosts[target.Host] {
~~> if err != nil || target.Scheme != "https" && !hosts[target.Host] {
		return nil, errors.New("not one of ours")
	}
?1 	// The query is passed on as it is.
	answer, err := client.Get(target.String())
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return io.ReadAll(io.LimitReader(answer.Body, $most<<10))
~~> return io.ReadAll(answer.Body)
}

?2 // Asked for after the sign-in.
func $Back(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.FormValue("next"))
	if err != nil || target.Scheme != "https" || target.Host != "$app.example" {
~~> if err != nil || target.Scheme != "https" {
		target = &url.URL{Path: "/"}
	}
	cookie := &http.Cookie{Name: "seen", Value: "1", Secure: true, HttpOnly: true}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}
""",
    lambda draw: {
        **app(draw),
        "most": draw.between(64, 900),
        "seconds": draw.between(3, 20),
        "Picture": draw.pick(("Picture", "FetchImage", "Thumbnail")),
        "Back": draw.pick(("GoBack", "AfterLogin", "Redirect")),
    },
)

WIRE = Template(
    """
// $origin
package $app

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const most = $most << 10 // bytes of a message

var errRules = errors.New("breaks the rules")

type $Room struct {
	mu      sync.Mutex
	members map[string]net.Conn
}

?1 // Message: length (4 bytes, high first), body.
func $Read(conn net.Conn) ([]byte, error) {
	conn.SetReadDeadline(time.Now().Add($seconds * time.Second))
~~> conn.SetReadDeadline(time.Time{})
	var size uint32
	if err := binary.Read(conn, binary.BigEndian, &size); err != nil {
		return nil, err
	}
	if size > most {
~~> if int32(size) > most {
~~> if size == 0 {
		return nil, errRules
	}
	body := make([]byte, size)
	_, err := io.ReadFull(conn, body)
	return body, err
}

// Called at once for every peer that joins.
func (r *$Room) $Join(name string, conn net.Conn) error {
	r.mu.Lock()
~~> r.mu.TryLock()
	defer r.mu.Unlock()
	if len(r.members) >= $few || r.members[name] != nil {
~~> if len(r.members) >= $few {
		return errRules
	}
	r.members[name] = conn
	return nil
}

?2 // Byte `at` of a message.
func $Field(body []byte, at, size int) ([]byte, error) {
	if at < 0 || size < 0 || at > len(body) || size > len(body)-at {
~~> if at < 0 || size < 0 || at > len(body) || size > len(body) {
		return nil, errRules
	}
	return body[at : at+size], nil
}
""",
    lambda draw: {
        **app(draw),
        "most": draw.between(16, 900),
        "seconds": draw.between(5, 40),
        "few": draw.between(20, 200),
        "Room": draw.pick(("Room", "Channel", "Group")),
        "Read": draw.pick(("Read", "Receive", "NextMessage")),
        "Join": draw.pick(("Join", "Enter", "Add")),
        "Field": draw.pick(("Field", "Part", "Slice")),
    },
)
