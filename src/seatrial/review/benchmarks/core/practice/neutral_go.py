"""Go programs without any security in them, for the twins of ``spot-flaw-go``."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.spotting import Template

_LOANS = Template(
    """
// $origin
package $pkg

import "sort"

const (
	fee   = $fee // cents a day
	grace = $grace // days that are free
	limit = $cap // cents a loan at most
)

?1 // Days are counted from the library's first.
type Loan struct {
	Title, Reader string
	Due           int // the day
	Back          bool
}

func (l Loan) fine(today int) int {
	late := today - l.Due
	if l.Back || late <= grace {
~~> if l.Back || late <= 0 {
		return 0
	}
	return min(limit, (late-grace)*fee)
~~> return max(limit, (late-grace)*fee)
}

// $Owed is what one reader owes for all loans.
func $Owed(loans []Loan, reader string, today int) int {
	sum := 0
	for _, l := range loans {
		if l.Reader == reader {
~~> if l.Reader != reader {
			sum += l.fine(today)
~~> sum = l.fine(today)
		}
	}
	return sum
}

// $Out gives the titles that are out, those due first at the top.
func $Out(loans []Loan) []string {
	gone := []Loan{}
	for _, l := range loans {
		if !l.Back {
			gone = append(gone, l)
		}
	}
	sort.SliceStable(gone, func(i, j int) bool { return gone[i].Due < gone[j].Due })
~~> sort.SliceStable(gone, func(i, j int) bool { return gone[i].Due > gone[j].Due })
	titles := []string{}
	for _, l := range gone {
		titles = append(titles, l.Title)
	}
	return titles
}
""",
    lambda draw: {
        "pkg": draw.pick(("loans", "library", "desk")),
        "fee": draw.between(5, 30),
        "cap": 100 * draw.between(5, 20),
        "grace": draw.between(2, 6),
        "Owed": draw.pick(("Owed", "Account", "Bill")),
        "Out": draw.pick(("Out", "NotBack", "Lent")),
    },
)

_SHOP = Template(
    """
// $origin
package $pkg

const (
	off  = $off // percent less ...
	many = $many // ... from so many pieces on
)

type Item struct {
	Stock, Least, Price int
}

type Shelf map[string]*Item

?1 // Prices are in cents.
// $Sell takes so many pieces out and returns their price, or false when there are not enough.
func (s Shelf) $Sell(code string, count int) (int, bool) {
	item, ok := s[code]
	if !ok || item.Stock < count {
~~> if !ok || item.Stock <= count {
		return 0, false
	}
	item.Stock -= count
~~> item.Stock--
	price := count * item.Price
	if count >= many {
~~> if count < many {
		price -= price * off / 100
	}
	return price, true
}

// $Order tells what must be ordered so that each item has its least stock again.
func (s Shelf) $Order() map[string]int {
	short := map[string]int{}
	for code, item := range s {
		if item.Stock < item.Least {
			short[code] = item.Least - item.Stock
~~> short[code] = item.Least
		}
	}
	return short
}

// $Best is the code that was sold most often; the first of several.
func $Best(codes []string, counts []int) string {
	sold, best := map[string]int{}, ""
	for i, code := range codes {
		sold[code] += counts[i]
~~> sold[code] = counts[i]
	}
?2 	// The order of the sales settles ties.
	for _, code := range codes {
		if best == "" || sold[code] > sold[best] {
			best = code
		}
	}
	return best
}
""",
    lambda draw: {
        "pkg": draw.pick(("shop", "shelf", "store")),
        "off": draw.between(5, 25),
        "many": draw.between(6, 40),
        "Sell": draw.pick(("Sell", "TakeOut", "CheckOut")),
        "Order": draw.pick(("Order", "Restock", "Missing")),
        "Best": draw.pick(("Best", "Favourite", "MostSold")),
    },
)

_FERRIES = Template(
    """
// $origin
package $pkg

import "fmt"

const (
	day  = 24 * 60
	base = $base // cents
	step = $step // cents for each quarter of an hour that has begun
)

// $Minutes since midnight of a text like "07:45".
func $Minutes(text string) (total int, err error) {
	var hour, minute int
	_, err = fmt.Sscanf(text, "%d:%d", &hour, &minute)
	return hour*60 + minute, err
~~> return hour*100 + minute, err
}

// $Clock is the other way round: 465 becomes "07:45".
func $Clock(minutes int) string {
	return fmt.Sprintf("%02d:%02d", minutes%day/60, minutes%60)
~~> return fmt.Sprintf("%02d:%02d", minutes/day, minutes%60)
}

?1 // In minutes.
// gap from one time to another, which may be after midnight.
func gap(start, end int) int {
	if end < start {
		end += day
~~> start, end = end, start
	}
	return end - start
}

// $Next is the departure that comes first at or after now; -1 with none at all.
func $Next(departures []int, now int) int {
	best := -1
	for _, leaves := range departures {
		if best < 0 || gap(now, leaves) < gap(now, best) {
~~> if best < 0 || gap(leaves, now) < gap(best, now) {
			best = leaves
		}
	}
	return best
}

func $Fare(start, end int) int {
?2 	// A trip takes less than a day.
	quarters := (gap(start, end) + 14) / 15
~~> quarters := gap(start, end) / 15
	return base + quarters*step
}
""",
    lambda draw: {
        "pkg": draw.pick(("ferries", "timetable", "pier")),
        "base": 10 * draw.between(10, 40),
        "step": 5 * draw.between(5, 30),
        "Minutes": draw.pick(("Minutes", "Parse", "InMinutes")),
        "Clock": draw.pick(("Clock", "Shown", "AsText")),
        "Next": draw.pick(("Next", "Following", "Soonest")),
        "Fare": draw.pick(("Fare", "Price", "Ticket")),
    },
)

TEMPLATES: tuple[Template, ...] = (_LOANS, _SHOP, _FERRIES)
