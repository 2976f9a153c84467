/* Nearshelf availability widget 1.0.1 */
(() => {
"use strict";
const TEXTS = {"languages":["en","es","de","fr"],"title":["Is it on a shelf near you?","¿Está en una tienda cerca de ti?","Gibt es das in deiner Nähe?","En rayon près de chez vous ?"],"place":["Town or postcode","Ciudad o código postal","Ort oder Postleitzahl","Ville ou code postal"],"go":["Check","Buscar","Prüfen","Vérifier"],"locate":["Use my location","Usar mi ubicación","Meinen Standort nutzen","Utiliser ma position"],"looking":["Looking…","Buscando…","Wird gesucht …","Recherche…"],"in_stock":["In stock","Disponible","Vorrätig","En stock"],"limited_availability":["Limited","Pocas unidades","Wenige","Stock limité"],"out_of_stock":["Out of stock","Agotado","Ausverkauft","Épuisé"],"unknown":["Unknown","No se sabe","Unbekannt","Inconnu"],"sure":["About {p} sure","Seguro al {p} aprox.","Zu etwa {p} sicher","Sûr à environ {p}"],"certain":["Nearly certain","Casi seguro","Fast sicher","Presque certain"],"told":["updated {t}","actualizado {t}","aktualisiert {t}","mis à jour {t}"],"quiet":["Nobody has told us lately","Nadie nos ha informado últimamente","Zuletzt hat uns niemand etwas gemeldet","Personne ne nous a informés récemment"],"likely":["Very likely {d} away","Muy probable a {d}","Sehr wahrscheinlich {d} entfernt","Très probable à {d}"],"perhaps":["Perhaps {d} away","Quizá a {d}","Vielleicht {d} entfernt","Peut-être à {d}"],"beyond":["Not within {r}, but {d} away","No a menos de {r}, pero sí a {d}","Nicht im Umkreis von {r}, aber {d} entfernt","Pas à moins de {r}, mais à {d}"],"none":["No store within {r} is known to have it","No sabemos de ninguna tienda a menos de {r} que lo tenga","Im Umkreis von {r} kennen wir kein Geschäft, das es hat","Aucun magasin connu pour l’avoir à moins de {r}"],"open":["Open","Abierto","Geöffnet","Ouvert"],"until":["until {t}","hasta {t}","bis {t}","jusqu’à {t}"],"closed":["Closed","Cerrado","Geschlossen","Fermé"],"opens":["opens {t}","abre {t}","öffnet {t}","ouvre {t}"],"call":["Call","Llamar","Anrufen","Appeler"],"route":["Directions","Cómo llegar","Route","Itinéraire"],"more":["More on Nearshelf","Más en Nearshelf","Mehr bei Nearshelf","Plus sur Nearshelf"],"demo":["Simulated demo stock","Existencias de demostración, inventadas","Simulierter Demobestand","Stock de démonstration simulé"],"strange":["We do not know this product yet.","Aún no conocemos este producto.","Dieses Produkt kennen wir noch nicht.","Nous ne connaissons pas encore ce produit."],"nowhere":["We do not know this place. Try a postcode.","No conocemos este lugar. Prueba con un código postal.","Diesen Ort kennen wir nicht. Versuche es mit einer Postleitzahl.","Nous ne connaissons pas ce lieu. Essayez un code postal."],"lost":["Your location could not be found. Type a town or postcode.","No se ha encontrado tu ubicación. Escribe una ciudad o un código postal.","Dein Standort war nicht zu finden. Gib einen Ort oder eine Postleitzahl ein.","Votre position est introuvable. Saisissez une ville ou un code postal."],"offline":["You are offline. We will ask again soon.","No tienes conexión. Preguntaremos de nuevo pronto.","Du bist offline. Wir fragen bald wieder.","Vous êtes hors ligne. Nous redemanderons bientôt."],"down":["No answer just now. We will ask again soon.","Ahora no hay respuesta. Preguntaremos de nuevo pronto.","Gerade kommt keine Antwort. Wir fragen bald wieder.","Pas de réponse pour le moment. Nous redemanderons bientôt."]};
const STYLE = ":host{display:block;margin-block:1em;}:host([hidden]){display:none;}.box{all:initial;--soft:var(--nearshelf-muted,light-dark(#565b66,#a8aeba));--line:var(--nearshelf-border,light-dark(#d8d4ca,#3d4551));--accent:var(--nearshelf-accent,light-dark(#1d4a8f,#9dbdf5));--round:var(--nearshelf-radius,12px);color-scheme:inherit;display:flex;flex-direction:column;gap:.5em;box-sizing:border-box;padding:1em;min-block-size:0;overflow:hidden;border:1px solid var(--line);border-radius:var(--round);background:var(--nearshelf-background,light-dark(#fff,#1c2026));color:var(--nearshelf-text,light-dark(#1a1d23,#eceef2));font:var(--nearshelf-font-size,medium)/1.4 var(--nearshelf-font,system-ui,sans-serif);overflow-wrap:anywhere;text-align:left;}.box:dir(rtl){text-align:right;}:host([theme=light]) .box{color-scheme:light;}:host([theme=dark]) .box{color-scheme:dark;}:host([theme=auto]) .box{color-scheme:light dark;}.room{display:flex;flex-direction:column;font-size:var(--nearshelf-font-size,medium);}.room[data-rows]{block-size:var(--nearshelf-height,39em);}.room[data-rows=\"1\"]{block-size:var(--nearshelf-height,24em);}.room[data-rows=\"2\"]{block-size:var(--nearshelf-height,31.5em);}*{box-sizing:border-box;margin:0;padding:0;unicode-bidi:plaintext;}[part=title]{font-size:1.125em;line-height:1.3;}.name,.price,.distance,.word,[part=news]{font-weight:600;}[part=news]:empty{margin-block-start:-.5em;}.sure,.about,.hours,a{color:var(--soft);font-size:.875em;}a{color:var(--accent);}form{display:flex;flex-wrap:wrap;gap:.5em;}input{flex:99 1 9em;}::placeholder{color:var(--soft);opacity:1;}input,button{min-inline-size:0;min-block-size:44px;padding:.4em .75em;border:1px solid var(--soft);border-radius:calc(var(--round) * .7);background:none;color:inherit;font:inherit;}button{font-weight:600;cursor:pointer;}.locate{flex:1 1 auto;color:var(--accent);}.go{border-color:var(--accent);background:var(--accent);color:var(--nearshelf-on-accent,light-dark(#fff,#0f1b30));}:focus-visible{outline:3px solid var(--accent);outline-offset:1px;}.view{display:contents;}ul{flex:1;overflow:auto;list-style:none;border-block:1px solid var(--line);}li{display:grid;gap:.15em;padding-block:.6em;}li + li{border-block-start:1px solid var(--line);}.line{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1em .6em;}.line a{margin-block:-.3em;padding-block:.3em;}.name{flex:1;}.distance{margin-inline-start:auto;}.word{padding:0 .6em;border:1px solid transparent;border-radius:99px;background:color-mix(in srgb,currentcolor 12%,transparent);color:var(--soft);font-size:.875em;}.in_stock .word{color:var(--nearshelf-in-stock,light-dark(#0a5c33,#86e0ac));}.limited_availability .word{color:var(--nearshelf-limited,light-dark(#6f4400,#f7cd74));}.out_of_stock .word{color:var(--nearshelf-out-of-stock,light-dark(#98201a,#ffa49b));}.unseen{position:absolute;clip-path:inset(50%);}";
function h(tag,attributes,...children){
const element=document.createElement(tag);
for(const[name,value]of Object.entries(attributes))element.setAttribute(name,value);
element.append(...children.filter(Boolean));
return element;
}
function part(tag,name,...children){
return h(tag,{part:name,class:name},...children);
}
function link(name,href,label,unseen=""){
const element=part("a",name,label,part("span","unseen",unseen));
return Object.assign(element,{href,target:href.startsWith("tel:")?"":"_blank",rel:"noopener noreferrer"});
}
const MILE_REGIONS=["US","GB","LR","MM"];
const MILE_M=1609.344;
const STEPS=[["year",31_557_600],["month",2_629_800],["day",86_400],["hour",3_600],["minute",60]];
function localeFor(element){
const page=element.parentElement?.closest("[lang]")?.lang;
const tags=[element.lang,page,...navigator.languages,"en"].map(known).filter((tag)=>TEXTS.languages.includes(tag?.language));
return tags.find((tag)=>tag.language===tags[0].language&&tag.region)??tags[0];
}
function known(tag){
try{
return new Intl.Locale(tag);
}catch{
return null;
}
}
function speaker(locale,units){
const tag=String(locale);
const column=TEXTS.languages.indexOf(locale.language);
const miles=units?units==="mi":MILE_REGIONS.includes(locale.region??locale.maximize().region);
const number=(value,options)=>new Intl.NumberFormat(tag,options).format(value);
const time=(at,options)=>new Intl.DateTimeFormat(tag,options).format(at);
function distance(metres){
const near=!miles&&metres<995;
const value=near?Math.round(metres / 10)*10:Math.max(0.1,metres /(miles?MILE_M:1000));
const unit=near?"meter":miles?"mile":"kilometer";
return number(value,{style:"unit",unit,maximumFractionDigits:value<9.95?1:0});
}
function ago(at,now){
const seconds=(now - at)/ 1000;
const[name,size]=STEPS.find((step)=>seconds>=step[1])??STEPS[4];
return new Intl.RelativeTimeFormat(tag,{numeric:"auto"}).format(-Math.max(0,Math.floor(seconds / size)),name);
}
function clock(iso,timeZone,now){
const at=Date.parse(iso);
const day=(moment)=>time(moment,{timeZone,dateStyle:"short"});
const soon=at - now<21_600_000||day(at)===day(now);
return time(at,{timeZone,hour:"numeric",minute:"2-digit",...(soon?{}:{weekday:"short"})});
}
return{
lang:locale.language,
usualRadius_m:miles?48_280:50_000,
say:(name,values)=>TEXTS[name][column].replace(/\{(.)\}/g,(_whole,key)=>values[key]),
percent:(share)=>number(share,{style:"percent"}),
price:(money)=>number(money.amount,{style:"currency",currency:money.currency}),
distance,
ago,
clock,
};
}
const WORDS=["in_stock","limited_availability","out_of_stock","unknown"];
function wordOf({availability}){
return WORDS.includes(availability)?availability:"unknown";
}
function sureWords(result,{say,ago,percent},now){
const word=wordOf(result);
const{as_of,covered_at,probability}=result;
const heard=Math.max(Date.parse(as_of)||0,Date.parse(covered_at)||0);
if(word==="unknown")return joined(say("quiet"),heard&&ago(heard,now));
const sure=word==="out_of_stock"?1 - probability:probability;
const how=sure>0.97?say("certain"):say("sure",{p:percent(sure)});
return joined(sure>=0&&how,heard&&say("told",{t:ago(heard,now)}));
}
function doorWords({open_now,closes_at,opens_at,timezone},{say,clock},now){
const[state,change,at]=open_now?["open","until",closes_at]:["closed","opens",opens_at];
try{
return joined(typeof open_now==="boolean"&&say(state),at&&say(change,{t:clock(at,timezone,now)}));
}catch{
return "";
}
}
function joined(...texts){
return texts.filter(Boolean).join(" · ");
}
function verdict({results,nearest_beyond},{say,distance},radius_m){
const r=distance(radius_m);
const best=results.find((each)=>WORDS.indexOf(wordOf(each))<2);
if(best)return say(best.probability>=0.75?"likely":"perhaps",{d:distance(best.distance_m)});
if(nearest_beyond)return say("beyond",{r,d:distance(nearest_beyond.distance_m)});
return results.some((each)=>wordOf(each)==="unknown")?say("quiet"):say("none",{r});
}
const DEADLINE_MS=12_000;
const LONGEST_WAIT_S=30;
async function ask(url,signal){
const heard=await askOnce(url,signal);
const wait_s=heard.problem?.retry_after_s??Infinity;
if(wait_s>LONGEST_WAIT_S)return heard;
await new Promise((done)=>setTimeout(done,wait_s*1000));
return signal.aborted?heard:askOnce(url,signal);
}
async function askOnce(url,signal){
const cut=new AbortController();
const late=setTimeout(()=>cut.abort(),DEADLINE_MS);
signal.addEventListener("abort",()=>cut.abort());
try{
const response=await fetch(url,{signal:cut.signal,cache:"no-store",credentials:"omit",referrerPolicy:"no-referrer"});
const body=await response.json();
return response.ok?{answer:body}:{problem:{...body,status:response.status,retry_after_s:waitOf(response)}};
}catch(error){
return{problem:{status:0,detail:String(error)}};
}finally{
clearTimeout(late);
}
}
function waitOf(response){
return[429,503].includes(response.status)?Number(response.headers.get("Retry-After")??2):undefined;
}
const PLACES=["near","lat","lon"];
function coarse({latitude,longitude}){
return{lat:latitude.toFixed(3),lon:longitude.toFixed(3)};
}
function placeIn(element){
const[near,lat,lon]=PLACES.map((name)=>element.getAttribute(name));
if(lat&&lon)return{lat,lon};
return near?{near}:null;
}
function wholeIn(element,name,usual){
return Number.parseInt(element.getAttribute(name),10)||usual;
}
function wanted(element,place,usualRadius_m){
const name=element.hasAttribute("gtin")?"gtin":"product";
return{[name]:element.getAttribute(name)??"",...place,radius_m:wholeIn(element,"radius-m",usualRadius_m)};
}
function lookup(api,element,asked){
const query=new URLSearchParams({...asked,limit:wholeIn(element,"limit",3)});
for(const name of["retailer","key"]){
const values=element.getAttribute(name)?.match(/[^\s,]+/g)??[];
for(const value of values)query.append(name,value);
}
return `${api}/v1/availability?${query}`;
}
function advise({status,detail,errors},origin){
const faults=errors?.map((fault)=>`${fault.pointer}: ${fault.detail}`).join("; ");
const advice={
401:"Its key must be a publishable one (pk_) in force.",
403:`The key has to name exactly this origin: ${origin}`,
};
return `nearshelf-availability: ${faults || detail} ${advice[status] ?? ""}`;
}
function storeView(result,speaker,now){
const{store}=result;
const{say,price,distance}=speaker;
const word=wordOf(result);
const money=result.sale_price??result.price;
const name=store.name||`${store.retailer} ${store.store_code}`;
const door=doorWords(store,speaker,now);
const map=`https://www.openstreetmap.org/directions?to=${store.lat}%2C${store.lon}`;
return part(
"li",
`store ${word}`,
line(part("span","word",say(word)),part("span","distance",distance(result.distance_m))),
line(part("span","name",name),money&&part("span","price",price(money))),
part("p","sure",sureWords(result,speaker,now)),
line(
door&&part("span","hours",door),
store.phone&&link("call",`tel:${store.phone}`,say("call"),` ${name}`),
link("route",map,say("route"),` ${name}`),
),
);
}
function line(...children){
return part("p","line",...children);
}
function createPanel(speaker,{level,rows,onPlace,onLocate}){
const{say,lang}=speaker;
const[field,usual]=[say("place"),"postal-code"];
const input=h("input",{part:"input",required:"",maxlength:120,autocomplete:usual,placeholder:field,"aria-label":field});
const locate=part("button","locate",say("locate"));
const form=part("form","form",input,part("button","go",say("go")));
const title=h(`h${level}`,{id:"title",part:"title"},say("title"));
const news=h("p",{part:"news",role:"status"});
const view=part("div","view");
const box=h("div",{part:"box",class:"box",lang,role:"group","aria-labelledby":"title"},title,form,news,view);
const room=part("div","room",box);
if(window.isSecureContext)form.append(locate);
locate.type="button";
locate.onclick=onLocate;
form.onsubmit=(event)=>{
event.preventDefault();
onPlace(input.value);
};
function show(text,...nodes){
room.dataset.rows=rows;
if(news.textContent!==text)news.textContent=text;
view.replaceChildren(...nodes);
}
function answered(answer,{radius_m},now,href){
const stores=[answer.nearest_beyond,...answer.results].filter(Boolean);
const demo=stores.some((each)=>each.store.demo)&&say("demo");
const about=joined(answer.product.name,answer.origin.label,demo);
const list=part("ul","stores",...stores.map((each)=>storeView(each,speaker,now)));
const restore=keeping(view);
show(verdict(answer,speaker,radius_m),part("p","about",about),list,link("more",href,say("more")));
restore();
}
return{room,input,show,answered};
}
function keeping(view){
const links=()=>[...view.querySelectorAll("a")];
const at=links().indexOf(view.getRootNode().activeElement);
const top=view.querySelector("ul")?.scrollTop;
return()=>{
view.querySelector("ul").scrollTop=top??0;
links()[at]?.focus({preventScroll:true});
};
}
const MINUTE_MS=60_000;
const SHOWN=sheetOf(STYLE);
const GONE=sheetOf(":host{display:none}");
function createWidget(element,root,home){
let words,panel,answer,asking,seen,due_at,timer;
let place;
const watch=new IntersectionObserver((entries)=>{
seen=entries.pop().isIntersecting;
wake();
});
const where=()=>place??placeIn(element);
const api=()=>(element.getAttribute("api")??home).replace(/\/$/,"");
function begin(){
end();
answer=null;
due_at=0;
document.addEventListener("visibilitychange",wake);
window.addEventListener("online",online);
const typed=panel?.input.value||element.getAttribute("near");
words=speaker(localeFor(element),element.getAttribute("units"));
panel=createPanel(words,{
level:Math.min(wholeIn(element,"heading-level",2),6),
rows:Math.min(wholeIn(element,"limit",3),3),
onPlace:(near)=>from({near}),
onLocate:locate,
});
panel.input.value=typed??"";
root.adoptedStyleSheets=[SHOWN];
root.replaceChildren(panel.room);
if(where())panel.show("");
watch.observe(panel.room);
}
function end(){
document.removeEventListener("visibilitychange",wake);
window.removeEventListener("online",online);
watch.disconnect();
clearTimeout(timer);
asking?.abort();
}
function from(found){
place=found;
answer=null;
run();
}
function locate(){
asking?.abort();
panel.show(words.say("looking"));
navigator.geolocation.getCurrentPosition(
({coords})=>from(coarse(coords)),
()=>panel.show(words.say("lost")),
{timeout:10_000,maximumAge:MINUTE_MS},
);
}
function online(){
due_at=0;
wake();
}
function wake(){
clearTimeout(timer);
if(!seen||document.hidden||!where())return;
const wait_ms=due_at - Date.now();
if(wait_ms<=0)run();
else if(wait_ms<Infinity)timer=setTimeout(wake,wait_ms);
}
async function run(){
asking?.abort();
const{signal}=(asking=new AbortController());
due_at=Infinity;
if(!answer)panel.show(words.say("looking"));
const asked=wanted(element,where(),words.usualRadius_m);
const heard=await ask(lookup(api(),element,asked),signal);
if(signal.aborted)return;
if(heard.answer)answer={...heard.answer,ahead_ms:Date.parse(heard.answer.answered_at)- Date.now()};
const pause_s=heard.answer?0:failed(heard.problem);
if(answer)panel.answered(answer,asked,Date.now()+ answer.ahead_ms,`${api()}/?${new URLSearchParams(asked)}`);
due_at=Date.now()+ Math.max(MINUTE_MS,pause_s*1000);
wake();
tell(heard);
}
function failed(problem){
const{say}=words;
const{status,errors,retry_after_s}=problem;
if(!status||status===429||status>=500){
if(!answer)panel.show(say(navigator.onLine?"down":"offline"));
return retry_after_s??0;
}
answer=null;
if(status===404)panel.show(say("strange"));
else if(errors?.some((fault)=>PLACES.includes(fault.pointer)))panel.show(say("nowhere"));
else withdraw(problem);
return Infinity;
}
function withdraw(problem){
console.error(advise(problem,self.origin));
root.adoptedStyleSheets=element.childElementCount?[]:[GONE];
root.replaceChildren(document.createElement("slot"));
}
function tell({answer:told,problem}){
const event={bubbles:true,composed:true,detail:told??problem};
element.dispatchEvent(new CustomEvent(told?"nearshelf:answer":"nearshelf:error",event));
}
function forget(){
place=null;
}
return{begin,end,forget};
}
function sheetOf(text){
const sheet=new CSSStyleSheet();
sheet.replaceSync(text);
return sheet;
}
const NAME="nearshelf-availability";
const SCRIPT=document.currentScript??document.querySelector("script[src*='/widget/']");
const HOME=new URL(SCRIPT?.src||location.href).origin;
class Availability extends HTMLElement{
static observedAttributes=[
...PLACES,"gtin","product","key","radius-m","limit","retailer","lang","units","heading-level","api",
];
#widget=createWidget(this,this.attachShadow({mode:"open"}),HOME);
#changed=true;
connectedCallback(){
this.#changed=false;
this.#widget.begin();
}
disconnectedCallback(){
this.#changed=true;
this.#widget.end();
}
attributeChangedCallback(name){
if(PLACES.includes(name))this.#widget.forget();
if(this.#changed)return;
this.#changed=true;
queueMicrotask(()=>this.isConnected&&this.connectedCallback());
}
}
if(!customElements.get(NAME))customElements.define(NAME,Availability);
})();
